// The Helm chart, with the real Helm: checked, rendered in its variants, and installed.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { expect, holds } from '../check.ts'
import { address, buildHelm, until } from '../cluster.ts'
import { ports } from '../server.ts'
import { managerUrl, type World } from '../world.ts'
import { slowChangelog } from './changelog.ts'
import type { Scenario } from './index.ts'
import { disk } from './page.ts'

const chartFolder = 'deploy/helm/sluice'
const run = promisify(execFile)

const kindsOf = (text: string): string[] =>
  parseAllDocuments(text)
    .map((document) => (document.toJS() as { kind?: string } | null)?.kind)
    .filter((kind) => kind !== undefined)
    .toSorted()

/** For both parts, as this cluster needs it: no class that makes volumes, no network for services, no encryption. */
const values = (store: string): object => ({
  image: { registry: 'localhost/sluice', tag: 'test', pullPolicy: 'Never' },
  manager: { store, resources: { requests: { cpu: '20m', memory: '128Mi' }, limits: { memory: '512Mi' } } },
  delegate: {
    managerUrl,
    extraArgs: ['--allow-plain-http'],
    env: { KUBERNETES_SERVICE_HOST: address, KUBERNETES_SERVICE_PORT: '16443' },
    storageClassName: 'by-hand',
    resources: { requests: { cpu: '20m', memory: '128Mi' }, limits: { memory: '384Mi' } },
  },
  steps: {
    namespace: 'chart-steps',
    settings: { resources: { memory: '256Mi', cpu: '1', cpuRequest: '20m', storage: '128Mi' } },
  },
})

async function ready(world: World, path: string): Promise<void> {
  interface Counted {
    readonly status: { readonly readyReplicas?: number }
  }
  await until(`${path} to be ready`, async () =>
    (await world.cluster.get<Counted>(path)).status.readyReplicas === 1 ? true : undefined,
  )
}

export const chart: Readonly<Record<string, Scenario>> = {
  'the Helm chart is checked, rendered and installed by the real Helm; manager and delegate become ready, a step runs':
    async (world) => {
      const { cluster, database, token } = world
      const helm = await buildHelm()
      const env = { ...process.env, KUBECONFIG: join(cluster.state, 'admin.conf') }
      const call = async (...args: string[]): Promise<string> => (await run(helm, args, { env, maxBuffer: 1e8 })).stdout
      await call('lint', '--strict', chartFolder)
      const whole = kindsOf(await call('template', 'sluice', chartFolder))
      expect('everything', whole, [
        'ConfigMap',
        'Deployment',
        'Namespace',
        'NetworkPolicy',
        'Role',
        'RoleBinding',
        'Service',
        'ServiceAccount',
        'StatefulSet',
      ])
      const alone = [
        '--set',
        'manager.enabled=false',
        '--set',
        'steps.networkPolicy=false',
        '--set',
        'steps.createNamespace=false',
      ]
      const delegate = kindsOf(await call('template', 'sluice', chartFolder, ...alone))
      expect('a delegate alone', delegate, ['ConfigMap', 'Role', 'RoleBinding', 'ServiceAccount', 'StatefulSet'])
      for (const one of world.delegates) await one.stop()
      const namespace = 'chart'
      const secret = (name: string, stringData: object): object => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace },
        stringData,
      })
      database.query('postgres', 'create database chart')
      await cluster.apply(
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
        secret('sluice-store', { password: database.password }),
        secret('sluice-manager', {
          'root.key': randomBytes(32).toString('base64'),
          'admin-password': randomBytes(12).toString('hex'),
        }),
        secret('sluice-delegate-token', { token }),
        disk(world.folder, 'chart-disk'),
      )
      const file = join(world.folder, 'values.yaml')
      writeFileSync(file, JSON.stringify(values(`postgresql://postgres@${address}:${ports.postgresql}/chart`)))
      await call('install', 'sluice', chartFolder, '--namespace', namespace, '--values', file)
      await ready(world, `/apis/apps/v1/namespaces/${namespace}/deployments/sluice-manager`)
      await ready(world, `/apis/apps/v1/namespaces/${namespace}/statefulsets/sluice-delegate`)
      const project = await world.project('charted', slowChangelog(1, 0))
      const ended = await project.end(await project.start())
      expect(`status; ${await project.log(ended.id)}`, ended.status, 'Success')
      await call('uninstall', 'sluice', '--namespace', namespace)
      holds('it can be taken away', !(await call('list', '--namespace', namespace)).includes('sluice'))
      return (await call('version', '--short')).trim()
    },
}
