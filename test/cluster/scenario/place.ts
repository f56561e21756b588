// A delegate behind a proxy that cuts connections, and how soon a step is at work.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mark } from '#delegate/runner/kubernetes/name'
import { createAuthority } from '../../scenario/certificate.ts'
import { showing, startProxy as startCompanyProxy } from '../../scenario/closed-network.ts'
import { startEdge } from '../../scenario/edge.ts'
import { expect, holds } from '../check.ts'
import { address, until } from '../cluster.ts'
import { startProxy } from '../proxy.ts'
import { ports } from '../server.ts'
import { managerUrl, namespace, type World } from '../world.ts'
import { slowChangelog } from './changelog.ts'
import type { Scenario } from './index.ts'

const scope = { org: 'default', project: 'cluster' } as const

/** Certificates of a company for everything around the cluster, in the namespace of the steps as well. */
async function company(world: World) {
  const folder = join(world.folder, 'company')
  mkdirSync(folder)
  const authority = createAuthority(folder)
  const [delegate, step] = [authority.issue('delegate'), authority.issue('step')]
  const metadata = (name: string): object => ({ name, namespace })
  await world.cluster.apply(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadata('company-ca'),
      data: { 'ca.crt': readFileSync(authority.caFile, 'utf8') },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/tls',
      metadata: metadata('step-certificate'),
      stringData: { 'tls.crt': step.cert, 'tls.key': step.key },
    },
  )
  const at = (port: number) => ({ host: address, port, alternative: `IP:${address}` })
  const manager = await startEdge(authority, managerUrl, true, at(ports.edge))
  const git = await startEdge(authority, new URL(world.git.url('x')).origin, false, at(ports.gitEdge))
  return { authority, delegate, manager, git }
}

export const place: Readonly<Record<string, Scenario>> = {
  'behind a proxy that cuts every connection after 8 s, a step of 15 s reports': async (world) => {
    const proxy = await startProxy(8)
    const project = await world.project('proxied', slowChangelog(3, 5))
    try {
      const work = async (): Promise<void> => {
        const { status } = await project.end(await project.start())
        expect('status', status, 'Success')
        expect('change sets', project.query('select count(*), count(distinct id) from trace'), '3|3')
        holds(`it cut connections: ${proxy.cuts}`, proxy.cuts > 0)
      }
      await world.withDelegate('proxied', { managerUrl: proxy.url }, work, { manager: proxy.url })
    } finally {
      proxy.stop()
    }
  },
  'in a closed network: a proxy before manager and cluster, certificates of the company, a manager that asks for one':
    async (world) => {
      const { authority, delegate, manager, git } = await company(world)
      const proxy = await startCompanyProxy()
      const project = await world.project('closed', slowChangelog(2, 0))
      const spec = {
        url: `https://${address}:${ports.gitEdge}/closed.git`,
        type: 'Http' as const,
        connectionType: 'Repo' as const,
        spec: { username: world.git.username, passwordRef: 'git_token' },
      }
      const connector = { type: 'Git' as const, identifier: 'git_closed', name: 'git_closed', spec }
      await world.client.updateConnector({ params: { ...scope, connector: 'git_closed' }, body: { connector } })
      const url = `https://${address}:${ports.edge}`
      const settings = { authorityConfigMap: 'company-ca', clientCertificateSecret: 'step-certificate' }
      try {
        const work = async (): Promise<void> => {
          const ended = await project.end(await project.start())
          expect(`status; ${await project.log(ended.id)}`, ended.status, 'Success')
          expect('who showed a certificate', [...manager.callers].toSorted(), ['delegate', 'step'])
          for (const port of [ports.edge, 16_443])
            holds(`the proxy led to ${port}`, proxy.asked.includes(`CONNECT ${address}:${port}`))
        }
        const flags = ['--ca-file', authority.caFile, ...showing(delegate)]
        const environment = { HTTPS_PROXY: proxy.url }
        await world.withDelegate('closed', settings, work, { manager: url, flags, environment })
      } finally {
        proxy.child.kill()
        await Promise.all([manager.close(), git.close()])
        const path = `/api/v1/namespaces/${namespace}`
        await world.cluster.remove(`${path}/secrets/step-certificate`)
        await world.cluster.remove(`${path}/configmaps/company-ca`)
      }
    },
  'from the making of a pod to its first statement, images present': async (world) => {
    const started = 'select backend_start from pg_stat_activity where pid = pg_backend_pid()'
    const text = `databaseChangeLog:\n  - changeSet:\n      id: "1"\n      author: t\n      changes:\n        - sql: { sql: "create table begun as ${started}" }\n`
    const seconds: number[] = []
    for (let round = 1; round <= 5; round++) {
      const project = await world.project(`begun_${round}`, { 'changelog.yaml': text })
      const execution = await project.start()
      let made = 0
      const seen = until('the pod', async () => {
        const pod = (await world.pods()).find(({ metadata }) => metadata.labels[mark.execution] === execution)
        if (pod) made = Date.now()
        return pod
      })
      const { status } = await project.end(execution)
      await seen
      expect('status', status, 'Success')
      const at = Number(project.query('select extract(epoch from backend_start) from begun'))
      seconds.push(at - made / 1000)
    }
    const sorted = seconds.toSorted((a, b) => a - b)
    return `p50 ${sorted[2]?.toFixed(1)} s of ${sorted.map((one) => one.toFixed(1)).join(', ')}`
  },
}
