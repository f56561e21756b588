// docs/operate/kubernetes.md, from nothing to a running delegate, walked as a new user would: its commands, run by a shell.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, holds } from '../check.ts'
import { address, until } from '../cluster.ts'
import { applyStep, managerUrl, pipelineWith, type World } from '../world.ts'
import { slowChangelog } from './changelog.ts'
import type { Scenario } from './index.ts'
import { readInEveryWay, scope, watchLeases, write, type Written } from './openbao.ts'

/** What the page says for everybody, and what it is here. */
const here =
  ({ registry, openbao }: World, ip: string) =>
  (text: string) =>
    text
      .replaceAll('registry.example.com', registry.host)
      .replaceAll('https://sluice.example.com', managerUrl)
      .replaceAll('https://vault.example.com:8200', openbao.url)
      .replaceAll('postgresql.shop.svc:5432', `${ip}:5432`)

interface Block {
  readonly language: 'sh' | 'json'
  readonly text: string
}

/** The blocks of commands and of documents for the manager of a section of the page, in their order. */
function blocksOf(title: string): Block[] {
  const page = readFileSync('docs/operate/kubernetes.md', 'utf8')
  const section = page.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/^( *)```(sh|json)\n([\s\S]*?)^ *```$/gm)].map(
    ([, indent = '', language, text = '']) => ({
      language: language === 'json' ? 'json' : 'sh',
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  )
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
    .replace('            # - --ca-file', '            - --ca-file')
    .replace('    # authorityConfigMap', '    authorityConfigMap')
  if (
    ['--allow-plain-http', '16443', 'by-hand', '    - --ca', '    authorityC'].some((part) => !changed.includes(part))
  )
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

/** A cluster as it was before the page: without its namespaces, with a registry that has the images. */
async function nothing(world: World): Promise<void> {
  const { cluster, registry, images, folder } = world
  // Pods that nobody lets go would keep their namespace.
  await world.cleared()
  await world.delegates[0]?.stop()
  for (const name of ['sluice', 'sluice-steps']) await cluster.remove(`/api/v1/namespaces/${name}`)
  for (const name of ['sluice', 'sluice-steps'])
    await until(`${name} to go`, async () => {
      const { items } = await cluster.get<{ items: { metadata: { name: string } }[] }>('/api/v1/namespaces')
      return items.some(({ metadata }) => metadata.name === name) ? undefined : true
    })
  await cluster.apply(disk(folder, 'delegate-disk'))
  for (const target of ['step', 'source', 'delegate']) {
    const image = images.images.find(({ name }) => name === `localhost/sluice/${target}:test`)
    if (image) await registry.push(images, image, `sluice/${target}`, '0.1.0')
  }
}

/** A folder with what the reader of the page has at hand, and the environment of their shell. */
function shellOf(world: World, change: (text: string) => string, password: string) {
  const { cluster, registry, openbao, folder, token } = world
  const work = join(folder, 'page')
  mkdirSync(work)
  writeFileSync(join(work, 'token'), token, { mode: 0o600 })
  writeFileSync(join(work, 'company-ca.crt'), readFileSync(openbao.caFile))
  writeFileSync(join(work, 'delegate.yaml'), adapted(change(readFileSync('deploy/kubernetes/delegate.yaml', 'utf8'))))
  const { auths } = JSON.parse(`{"auths":${registry.credentials}}`) as { auths: Record<string, { password: string }> }
  const env = {
    ...openbao.environment,
    PATH: `${dirname(openbao.program)}:${process.env['PATH']}`,
    HOME: work,
    KUBECONFIG: join(cluster.state, 'admin.conf'),
    REGISTRY_PASSWORD: auths[registry.host]?.password ?? '',
    SHOP_PASSWORD: password,
  }
  return (block: string): string =>
    execFileSync('bash', ['-euo', 'pipefail', '-c', block], {
      env,
      cwd: work,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
}

export const page: Readonly<Record<string, Scenario>> = {
  'the page, from nothing to a delegate in the cluster with a private registry, OpenBao and a database in another namespace':
    async (world) => {
      const { cluster, client, openbao } = world
      await nothing(world)
      const password = `shop-${'x'.repeat(12)}-pw`
      const ip = await database(world, password)
      const psql = (sql: string): string =>
        execFileSync('psql', ['-h', ip, '-U', 'postgres', '-XAtqc', sql], {
          env: { ...process.env, PGPASSWORD: password },
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        }).trim()
      await until('the database of the shop', () => {
        try {
          return psql('create role shop_owner nologin; grant all on schema public to shop_owner; select 1')
        } catch {
          return undefined
        }
      })
      const project = await world.project('walked', slowChangelog(2, 5), {
        pipeline: (name) => pipelineWith(name, applyStep(name)),
      })
      const change = here(world, ip)
      const shell = shellOf(world, change, password)
      const [building, ...blocks] = blocksOf('From nothing to a running delegate')
      holds(
        'the first block builds the images, which this machine does in its own way',
        building?.text.includes('docker build') === true,
      )
      let said = ''
      const connectors = new Map<string, object>()
      for (const { language, text } of blocks)
        if (language === 'sh') said += shell(change(text))
        else {
          const body = JSON.parse(change(text)) as Written
          if (body.connector) connectors.set(body.connector.identifier, body.connector.spec)
          await write(client, body)
        }
      holds(`the delegate is connected: ${said}`, said.includes('is connected'))
      const ways = await readInEveryWay(world, `jdbc:postgresql://${ip}:5432/postgres`, shell)
      // What a person does with the last connector of the page.
      const spec = connectors.get('shop_run') ?? {}
      const body = { connector: { type: 'JDBC', identifier: 'walked', name: 'walked', spec } } as never
      await client.updateConnector({ params: { ...scope, connector: 'walked' }, body })
      // A user who would be gone in the middle of the release, were it not renewed.
      openbao.run('write', 'database/roles/shop', 'default_ttl=5s', 'max_ttl=60s')
      const execution = await project.start()
      const lent = watchLeases(openbao, 'database/creds/shop')
      const ended = await project.end(execution)
      expect(`the release; ${await project.log(ended.id)}`, ended.status, 'Success')
      const held = lent.stop()
      holds(`one user was lent, and renewed: ${JSON.stringify(held)}`, held.length === 1 && (held[0] ?? 0) > 6)
      expect('change sets', psql('select count(*) from trace'), '2')
      expect('the owner', psql("select tableowner from pg_tables where tablename = 'trace'"), 'shop_owner')
      const users = "select count(*) from pg_roles where rolname like 'v-%'"
      await until('the user of the run to be dropped', () => (psql(users) === '0' ? true : undefined), 20)
      await world.cleared()
      await cluster.remove('/apis/apps/v1/namespaces/sluice/statefulsets/sluice-delegate')
      await cluster.remove('/api/v1/namespaces/sluice/pods/sluice-delegate-0', 1)
      return `${blocks.length} blocks; ${ways}`
    },
}
