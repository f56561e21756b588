// docs/operate/kubernetes.md, from nothing to a running delegate, walked as a new user would: its commands, run by a shell.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, holds } from '../check.ts'
import { address, until } from '../cluster.ts'
import { applyStep, managerUrl, pipelineWith, type World } from '../world.ts'
import { slowChangelog } from './changelog.ts'
import type { Scenario } from './index.ts'

const scope = { org: 'default', project: 'cluster' } as const
/** What the page says for everybody, and what it is here. */
const placeholders = ({ registry }: World): ReadonlyMap<string, string> =>
  new Map([
    ['registry.example.com', registry.host],
    ['https://sluice.example.com', managerUrl],
  ])

function here(world: World, text: string): string {
  let found = text
  for (const [placeholder, value] of placeholders(world)) found = found.replaceAll(placeholder, value)
  return found
}

/** The blocks of shell commands of a section of the page. */
function commandsOf(world: World, title: string): string[] {
  const page = readFileSync('docs/operate/kubernetes.md', 'utf8')
  const section = page.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? ''
  const blocks = [...section.matchAll(/^( *)```sh\n([\s\S]*?)^ *```$/gm)].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )
  return blocks.map((block) => here(world, block))
}

/** What of the manifest is not so on this cluster: no encryption, no network for services, no class that makes volumes. */
function adapted(text: string): string {
  const changed = text
    .replace(
      '            - --name=$(POD_NAME)\n',
      '            - --name=$(POD_NAME)\n            - --allow-plain-http\n',
    )
    .replace(
      '          env:\n',
      `          env:\n            - {name: KUBERNETES_SERVICE_HOST, value: "${address}"}\n            - {name: KUBERNETES_SERVICE_PORT, value: "16443"}\n`,
    )
    .replace(
      '        accessModes: [ReadWriteOnce]\n',
      '        accessModes: [ReadWriteOnce]\n        storageClassName: by-hand\n',
    )
  if (!changed.includes('--allow-plain-http') || !changed.includes('16443') || !changed.includes('by-hand'))
    throw new Error('The manifest is not as this scenario knows it.')
  return changed
}

/** A database in a namespace of its own, with a password that only its owner and the delegate know. Gives its address. */
async function database({ cluster }: World, password: string): Promise<string> {
  const metadata = { name: 'postgresql', namespace: 'shop', labels: { app: 'postgresql' } }
  const command = [
    'printf %s "$PASSWORD" > /tmp/password',
    'initdb -D /tmp/data -U postgres --pwfile=/tmp/password --auth=scram-sha-256 -E UTF8 --locale=C > /dev/null',
    'echo "host all all all scram-sha-256" >> /tmp/data/pg_hba.conf',
    'exec postgres -D /tmp/data -k /tmp -c listen_addresses="*" -c fsync=off',
  ].join(' && ')
  await cluster.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: {
        automountServiceAccountToken: false,
        securityContext: { runAsUser: 10_001, runAsGroup: 10_001 },
        containers: [
          {
            name: 'postgresql',
            image: 'localhost/team/postgresql:1',
            imagePullPolicy: 'Never',
            command: ['/bin/sh', '-c', command],
            env: [{ name: 'PASSWORD', value: password }],
          },
        ],
      },
    },
  )
  return await until('the address of the database', async () => {
    interface Placed {
      readonly status: { readonly podIP?: string }
    }
    return (await cluster.get<Placed>('/api/v1/namespaces/shop/pods/postgresql')).status.podIP
  })
}

/** A folder of this machine as the volume of a delegate. */
export function disk(folder: string, name: string): object {
  const path = join(folder, name)
  mkdirSync(path)
  const terms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node1'] }] }]
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'by-hand',
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: terms } },
    },
  }
}

export const page: Readonly<Record<string, Scenario>> = {
  'the page, from nothing to a delegate in the cluster with a private registry, a Secret and a database in another namespace':
    async (world) => {
      const { cluster, client, registry, images, folder } = world
      const work = join(folder, 'page')
      mkdirSync(work)
      // Pods that nobody lets go would keep their namespace.
      await world.cleared()
      await world.delegates[0]?.stop()
      // What a new cluster has not.
      for (const name of ['sluice', 'sluice-steps']) await cluster.remove(`/api/v1/namespaces/${name}`)
      for (const name of ['sluice', 'sluice-steps'])
        await until(`${name} to go`, async () => {
          const { items } = await cluster.get<{ items: { metadata: { name: string } }[] }>('/api/v1/namespaces')
          return items.some(({ metadata }) => metadata.name === name) ? undefined : true
        })
      const password = `shop-${'x'.repeat(12)}-pw`
      const ip = await database(world, password)
      await cluster.apply(disk(folder, 'delegate-disk'))
      for (const target of ['step', 'source', 'delegate']) {
        const image = images.images.find(({ name }) => name === `localhost/sluice/${target}:test`)
        if (image) await registry.push(images, image, `sluice/${target}`, '0.1.0')
      }
      writeFileSync(join(work, 'token'), world.token, { mode: 0o600 })
      writeFileSync(
        join(work, 'delegate.yaml'),
        adapted(here(world, readFileSync('deploy/kubernetes/delegate.yaml', 'utf8'))),
      )
      const { auths } = JSON.parse(`{"auths":${registry.credentials}}`) as {
        auths: Record<string, { password: string }>
      }
      const env = {
        PATH: process.env['PATH'],
        HOME: work,
        KUBECONFIG: join(cluster.state, 'admin.conf'),
        REGISTRY_PASSWORD: auths[registry.host]?.password ?? '',
        SHOP_PASSWORD: password,
      }
      let said = ''
      const blocks = commandsOf(world, 'From nothing to a running delegate')
      const [building = '', ...others] = blocks
      holds(
        'the first block builds the images, which this machine does in its own way',
        building.includes('docker build'),
      )
      for (const block of others)
        said += execFileSync('bash', ['-euo', 'pipefail', '-c', block], {
          env,
          cwd: work,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        })
      holds(`the delegate is connected: ${said}`, said.includes('is connected'))
      const psql = (sql: string): string =>
        execFileSync('psql', ['-h', ip, '-U', 'postgres', '-XAtqc', sql], {
          env: { ...process.env, PGPASSWORD: password },
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        }).trim()
      await until('the database of the shop', () => {
        try {
          return psql('select 1')
        } catch {
          return undefined
        }
      })
      const project = await world.project('walked', slowChangelog(2, 0), {
        pipeline: (name) => pipelineWith(name, applyStep(name)),
      })
      const secret = {
        type: 'SecretText' as const,
        identifier: 'shop_db',
        name: 'shop_db',
        spec: {
          secretManagerIdentifier: 'delegateKubernetes',
          valueType: 'Reference' as const,
          value: 'shop-db#password',
        },
      }
      await client.createSecret({ params: scope, body: { secret } })
      const auth = { type: 'UsernamePassword' as const, spec: { username: 'postgres', passwordRef: 'shop_db' } }
      const spec = { url: `jdbc:postgresql://${ip}:5432/postgres`, auth }
      const connector = { type: 'JDBC' as const, identifier: 'walked', name: 'walked', spec }
      await client.updateConnector({ params: { ...scope, connector: 'walked' }, body: { connector } })
      const asked = await client.testConnector({
        params: { ...scope, connector: 'walked' },
        query: { wait: 0 },
        body: {},
      })
      const tested = await until('the test of the connection', async () => {
        const now = await client.getTask({ params: { ...scope, task: asked.id }, query: { wait: 5 } })
        return now.status === 'queued' || now.status === 'running' ? undefined : now
      })
      expect(`the connection; ${JSON.stringify(tested)}`, tested.status, 'succeeded')
      const ended = await project.end(await project.start())
      expect(`the release; ${await project.log(ended.id)}`, ended.status, 'Success')
      expect('change sets', psql('select count(*) from trace'), '2')
      await world.cleared()
      await cluster.remove('/apis/apps/v1/namespaces/sluice/statefulsets/sluice-delegate')
      await cluster.remove('/api/v1/namespaces/sluice/pods/sluice-delegate-0', 1)
      return `${blocks.length} blocks of commands`
    },
}
