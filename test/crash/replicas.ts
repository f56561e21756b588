// Three managers as processes of their own on one PostgreSQL behind a load balancer, and delegates that play their steps but speak
// the real protocol through it.
import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiClient, signIn } from '#cli/setup/session'
import { ensureEntities } from '#cli/setup/entity'
import { startDelegate } from '#delegate/delegate'
import { createFakeRunner, type FakePart, type FakeRunner } from '#delegate/runner/fake'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { type Balancer, openBalancer } from './balancer.ts'
import { Program } from './program.ts'
import { freePort, until } from './world.ts'

const email = 'admin@sluice.example'
const password = 'replica-admin-password'
export const here = { org: 'default', project: 'shop' } as const

/** Applies, waits, applies again: a change of a database before and after a timer. */
const pipeline = `pipeline:
  identifier: wave
  name: Wave
  orgIdentifier: default
  projectIdentifier: shop
  variables:
    - { name: instance, type: String, value: <+input> }
  stages:
    - stage:
        identifier: main
        name: Main
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: first
                  name: First
                  type: DBSchemaApply
                  timeout: 10m
                  spec: { dbSchema: shop, dbInstance: <+pipeline.variables.instance> }
              - step: { identifier: pause, name: Pause, type: Wait, spec: { duration: 10s } }
              - step:
                  identifier: second
                  name: Second
                  type: DBSchemaApply
                  timeout: 10m
                  spec: { dbSchema: shop, dbInstance: <+pipeline.variables.instance> }
`

const part = (node: string, id: string): FakePart => ({
  match: { node },
  changeSets: [{ fileName: 'changelog.sql', id, author: 'me', sql: [`create table ${id} (id int)`] }],
})

export interface ReplicaWorld {
  readonly store: Store
  readonly client: ApiClient
  readonly replicas: readonly Program[]
  readonly balancer: Balancer
  /** One for each delegate. */
  readonly runners: readonly FakeRunner[]
  /** The step `first` of every run waits until this is called. */
  go(): void
  isReady(replica: number): Promise<void>
  close(): Promise<void>
}

export async function openReplicas(instances: readonly string[]): Promise<ReplicaWorld> {
  /** What takes away again what was made, in the order in which it was made; also when a later part fails. */
  const undo: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
    return { ...(await openParts(instances, undo)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openParts(instances: readonly string[], undo: (() => unknown)[]): Promise<Omit<ReplicaWorld, 'close'>> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-replica-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const place: TestPlace = await newPlace('postgresql')
  undo.push(() => place.remove())
  if (place.location.kind !== 'postgresql') throw new Error('The replicas share a server.')
  const location = new URL(place.location.url)
  const storePassword = decodeURIComponent(location.password)
  location.password = ''
  writeFileSync(join(folder, 'password'), password, { mode: 0o600 })
  const environment = {
    SLUICE_ADMIN_EMAIL: email,
    SLUICE_ADMIN_PASSWORD_FILE: join(folder, 'password'),
    SLUICE_STORE_PASSWORD: storePassword,
  }
  const ports = [await freePort(), await freePort(), await freePort()]
  const replicas = ports.map((port, at) => {
    const data = join(folder, `manager-${at}`)
    mkdirSync(data)
    const words = ['manager', '--store', location.href, '--data', data, '--host', '127.0.0.1', '--port', String(port)]
    return new Program(words, environment, join(folder, `manager-${at}.log`))
  })
  undo.push(() => Promise.all(replicas.map((replica) => replica.kill())))
  const isReady = async (replica: number): Promise<void> => {
    await until(`replica ${replica} answers`, async () => {
      const response = await fetch(`http://127.0.0.1:${ports[replica]}/v1/health`).catch(() => undefined)
      return response?.status === 200 ? true : undefined
    })
  }
  // The first one makes the root key that the others need as well.
  replicas[0]?.start()
  await isReady(0)
  for (const at of [1, 2]) {
    copyFileSync(join(folder, 'manager-0', 'root.key'), join(folder, `manager-${at}`, 'root.key'))
    replicas[at]?.start()
  }
  await Promise.all([isReady(1), isReady(2)])
  const balancer = await openBalancer(ports)
  undo.push(() => balancer.close())
  const client = await signIn(balancer.url, email, password)
  await ensureEntities(client, {
    scope: here,
    projectName: 'Shop',
    secrets: { db_password: 'secret-of-the-database' },
    repository: {
      identifier: 'git',
      url: 'https://git.example.com/shop.git',
      username: undefined,
      passwordRef: undefined,
    },
    schema: { identifier: 'shop', name: 'Shop', location: 'changelog.sql', branch: 'main' },
    instances: instances.map((identifier) => ({
      identifier,
      name: identifier,
      url: `jdbc:postgresql://db.example.com:5432/${identifier}`,
      username: 'shop',
      passwordRef: 'db_password',
      context: '',
      tags: {},
    })),
    pipeline: { identifier: 'wave', name: 'Wave', yaml: pipeline },
  })
  const { value } = await client.createDelegateToken({ body: { identifier: 'fleet' } })
  const runners: FakeRunner[] = []
  for (let at = 0; at < 4; at += 1) {
    const runner = createFakeRunner({
      parts: [{ ...part('main.first', 'one'), waitFor: 'go' }, part('main.second', 'two')],
    })
    const delegate = await startDelegate(
      {
        managerUrl: balancer.url,
        token: value,
        name: `fleet-${at}`,
        tags: [],
        version: '0',
        directory: join(folder, `delegate-${at}`),
        capacity: Math.ceil(instances.length / 4),
        random: Math.random,
        randomId: randomUUID,
        processId: process.pid,
        runner,
        log: () => {},
      },
      new AbortController().signal,
    )
    runners.push(runner)
    undo.push(() => delegate.drain(10_000))
  }
  const store = await openPlace(place)
  undo.push(() => store.close())
  return {
    store,
    client,
    replicas,
    balancer,
    runners,
    go: () => runners.forEach((runner) => runner.release('go')),
    isReady,
  }
}
