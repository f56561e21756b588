// A manager with executions, approvals and the real work queue over a store, called through its HTTP surface; and a delegate that
// plays its steps against databases that are lists in memory. Told as stories by the suites beside it.
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { pino } from 'pino'
import { api } from '#contract/api/index'
import type { Execution, ExecutionNode } from '#contract/api/execution'
import { type Client, createClient, type Fetch } from '#contract/client'
import type { Role } from '#contract/permission'
import { createAuthenticate } from '#manager/access/authenticate'
import { protocolHandlers } from '#manager/delegate/protocol'
import { entityHandlers } from '#manager/entity/handlers'
import { createExecutions, type Executions } from '#manager/execution/executions'
import { platformRunHandlers } from '#manager/execution/platform'
import { freezeHandlers } from '#manager/freeze/handlers'
import type { ProtocolHandlers } from '#manager/http/handler'
import { createApp } from '#manager/http/app'
import { ensureUser, readAccount } from '#manager/identity/bootstrap'
import { identityHandlers } from '#manager/identity/handlers'
import { createPasswordHasher } from '#manager/identity/password'
import { inputSetHandlers } from '#manager/input-set/handlers'
import { liveHandlers } from '#manager/live/handlers'
import { createHub } from '#manager/live/hub'
import { secretHandlers } from '#manager/secret/secret'
import type { SendMail } from '#manager/notify/deliver'
import { createNotifications, type Notifications } from '#manager/notify/notifications'
import { stateObserver } from '#manager/state/observe'
import type { Store } from '#manager/store/port'
import { createTriggers, type Triggers } from '#manager/trigger/triggers'
import { createRequestCancel, enqueue } from '#manager/work/enqueue'
import type { AttemptObserver, RequestCancel } from '#manager/work/port'
import { fetchOf, password, signInTo } from '../api/world.ts'
import { FakeDelegate } from './fake-delegate.ts'

export const releaseShop = readFileSync(new URL('../../examples/pipelines/release_shop.yaml', import.meta.url), 'utf8')
export const scope = { org: 'default', project: 'shop' } as const
const people: readonly { readonly name: string; readonly role: Role }[] = [
  { name: 'Dana', role: 'developer' },
  { name: 'Ann', role: 'approver' },
  { name: 'Bob', role: 'approver' },
  { name: 'Ada', role: 'admin' },
  { name: 'Mia', role: 'member' },
]
type Person = 'Dana' | 'Ann' | 'Bob' | 'Ada' | 'Mia'
/** What the manager reaches of the world outside; suites that play it put it here. */
export const network: { fetch: Fetch; sendMail?: SendMail } = {
  fetch: async () => {
    throw new Error('There is no network.')
  },
}
/** One installation, whatever process of it. */
export const rootKeys = { current: new Uint8Array(randomBytes(32)), older: [] }
export const emailOf = (person: string): string => `${person.toLowerCase()}@example.org`

/** One process of the manager: nothing of it outlives `close` but the rows of its store. */
export interface Manager {
  readonly store: Store
  readonly executions: Executions
  readonly triggers: Triggers
  readonly notifications: Notifications
  readonly observers: readonly AttemptObserver[]
  readonly protocol: ProtocolHandlers
  readonly logged: string[]
  /** Everything over HTTP, for who wants real sockets. */
  readonly app: ReturnType<typeof createApp>['app']
  /** Calls the API as a person; replies are checked against the contract. */
  as(person: Person): Promise<Client<typeof api>>
}

export async function startManager(store: Store): Promise<Manager> {
  const logged: string[] = []
  const observers: AttemptObserver[] = [stateObserver]
  const requestCancel: RequestCancel = (...input) => createRequestCancel(observers)(...input)
  const log = (line: string): void => void logged.push(line)
  const executions = createExecutions({ store, enqueue, requestCancel, createId: randomUUID, log })
  observers.push(executions.observer)
  const passwords = createPasswordHasher(randomBytes, 10)
  for (const { name, role } of people)
    await ensureUser(store, passwords, { email: emailOf(name), name, role, password })
  const account = await readAccount(store.db)
  const triggers = createTriggers({
    store,
    executions,
    rootKeys,
    account,
    createId: randomUUID,
    now: () => Date.now() / 1000,
    log,
    fetch: (url, init) => network.fetch(url, init),
    publicUrl: undefined,
  })
  const notifications = createNotifications({
    store,
    rootKeys,
    account,
    fetch: (url, init) => network.fetch(url, init),
    sendMail: network.sendMail,
    mailSettled: executions.mailSettled,
    publicUrl: 'https://sluice.example.org',
    log,
  })
  const identity = { store, passwords, random: randomBytes, account, secure: false }
  const entities = { ...identityHandlers(identity), ...entityHandlers(store, account), ...inputSetHandlers(store) }
  const hub = createHub(store)
  const { app } = createApp({
    handlers: {
      ...entities,
      ...executions.handlers,
      ...platformRunHandlers({ store, account, rootKeys, now: Date.now }, executions.handlers),
      ...liveHandlers({ store, hub }),
      ...triggers.handlers,
      ...notifications.handlers,
      ...freezeHandlers(store, account),
      ...secretHandlers(store, rootKeys, randomBytes),
    },
    authenticate: createAuthenticate(store),
    log: pino({ level: 'error' }, { write: (line: string) => void logged.push(line) }),
    version: '0',
    createId: randomUUID,
    checkReplies: true,
  })
  const protocol = protocolHandlers({
    store,
    hub,
    observers,
    sealSecrets: async () => ({ sealed: [], places: [] }),
    random: randomBytes,
  })
  const clients = new Map<Person, Client<typeof api>>()
  const as = async (person: Person): Promise<Client<typeof api>> => {
    const headers = await signInTo(app, emailOf(person))
    const client =
      clients.get(person) ?? createClient(api, { baseUrl: '', fetch: fetchOf(app), headers, validate: true })
    clients.set(person, client)
    return client
  }
  return { store, executions, triggers, notifications, observers, protocol, logged, app, as }
}

/** A project of its own for each story: schema `shop` on three instances, and the pipeline of the demo. */
export async function addShop(manager: Manager, yaml = releaseShop): Promise<{ org: string; project: string }> {
  const ada = await manager.as('Ada')
  const here = { ...scope, org: `o_${randomUUID().replaceAll('-', '')}` }
  const params = here
  await ada.createOrganization({ body: { organization: { identifier: here.org, name: 'Default' } } })
  await ada.createProject({ params: { org: here.org }, body: { project: { identifier: here.project, name: 'Shop' } } })
  const git = { url: 'https://git.example.org/shop', type: 'Http', connectionType: 'Account' } as const
  await ada.createConnector({ params, body: { connector: { identifier: 'git', name: 'Git', type: 'Git', spec: git } } })
  const changelog = { connector: 'git', repo: 'database.git', location: 'changelog.yaml' }
  await ada.createDbSchema({ params, body: { identifier: 'shop', name: 'Shop', changelog } })
  for (const instance of ['shop_dev', 'shop_staging', 'shop_prod']) {
    const auth = { type: 'UsernamePassword', spec: { username: 'shop', passwordRef: 'shop_password' } } as const
    const spec = { url: `jdbc:postgresql://db.example.org/${instance}`, auth }
    await ada.createConnector({
      params,
      body: { connector: { identifier: instance, name: instance, type: 'JDBC', spec } },
    })
    const stage = { connector: instance, branch: 'main', context: instance.replace('shop_', '') }
    await ada.createDbInstance({ params: { ...params, dbschema: 'shop' }, body: { identifier: instance, ...stage } })
  }
  const body = {
    pipeline_yaml: yaml.replace('orgIdentifier: default', `orgIdentifier: ${here.org}`),
    name: 'Release shop',
  }
  await ada.createPipeline({ params, body: { ...body, identifier: 'release_shop' } })
  return here
}

export const stepStatuses = (execution: Execution): Readonly<Record<string, string>> =>
  Object.fromEntries(execution.nodes.filter((node) => node.kind === 'step').map((node) => [node.id, node.status]))
export function nodeOf(execution: Execution, id: string): ExecutionNode {
  const node = execution.nodes.find((one) => one.id === id)
  if (!node) throw new Error(`The execution has no node ${id}.`)
  return node
}

/** Makes the timers of the execution fall due and fires them. */
export async function letTimePass(manager: Manager, execution: string): Promise<void> {
  await manager.store.db
    .updateTable('execution_timer')
    .set({ due_at: sql<Date>`now() - interval '1 second'` })
    .where('execution_id', '=', execution)
    .execute()
  await manager.executions.tick()
}

/** A project with its release, told step by step. */
export class Story {
  readonly here: { readonly org: string; readonly project: string }
  manager: Manager
  delegate: FakeDelegate

  private constructor(manager: Manager, delegate: FakeDelegate, here: Story['here']) {
    this.manager = manager
    this.delegate = delegate
    this.here = here
  }
  static async begin(store: Store, yaml?: string): Promise<Story> {
    const manager = await startManager(store)
    return new Story(manager, await FakeDelegate.join(manager), await addShop(manager, yaml))
  }
  /** The manager and the delegate are other processes from now on; the databases are the same. */
  async restart(): Promise<void> {
    const { targets } = this.delegate
    this.manager = await startManager(this.manager.store)
    this.delegate = await FakeDelegate.join(this.manager)
    for (const [instance, rows] of targets) this.delegate.targets.set(instance, rows)
  }
  async run(person: Person = 'Dana'): Promise<string> {
    const client = await this.manager.as(person)
    const params = { ...this.here, pipeline: 'release_shop' }
    const { execution_details: details } = await client.executePipeline({ params, body: {} })
    return details.execution_id
  }
  async read(execution: string): Promise<Execution> {
    return (await this.manager.as('Dana')).getExecution({ params: { ...this.here, execution } })
  }
  async waitingApproval(execution: string) {
    const query = { execution, status: 'WAITING' } as const
    const { rows } = await (await this.manager.as('Ann')).listApprovals({ params: this.here, query })
    if (!rows[0]) throw new Error(`No approval waits: ${JSON.stringify(stepStatuses(await this.read(execution)))}`)
    return rows[0]
  }
  async decide(person: Person, approval: string, action: 'APPROVE' | 'REJECT', planDigests?: string[]) {
    const body = { action, comments: 'read', planDigests }
    return (await this.manager.as(person)).decideApproval({ params: { ...this.here, approval }, body })
  }
  /** To the approval and through it. */
  async approved(): Promise<string> {
    const execution = await this.run()
    await this.delegate.workAll()
    await this.decide('Ann', (await this.waitingApproval(execution)).id, 'APPROVE')
    return execution
  }
}
