// A manager with executions, approvals and the real work queue over a store, called through its HTTP surface; and a delegate that
// plays its steps against databases that are lists in memory. Told as stories by the suites beside it.
import { isProgramWork } from '#contract/delegate/program-work'
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { pino } from 'pino'
import { api } from '#contract/api/index'
import type { Execution, ExecutionNode } from '#contract/api/execution'
import type { PlannedChangeSet } from '#contract/change-set'
import { type Client, createClient, type Fetch } from '#contract/client'
import type { Payload } from '#contract/delegate/payload'
import type { FinishBody, StepEvent } from '#contract/delegate/protocol'
import type { StepSpec } from '#contract/delegate/step-spec'
import type { FaultRecord } from '#contract/fault'
import type { Role } from '#contract/permission'
import { createAuthenticate } from '#manager/access/authenticate'
import { digestOf } from '#manager/approval/digest'
import { protocolHandlers } from '#manager/delegate/protocol'
import { entityHandlers } from '#manager/entity/handlers'
import { createExecutions, type Executions } from '#manager/execution/executions'
import { freezeHandlers } from '#manager/freeze/handlers'
import type { Caller, ProtocolHandlers } from '#manager/http/handler'
import { createApp } from '#manager/http/app'
import { ensureUser, readAccount } from '#manager/identity/bootstrap'
import { identityHandlers } from '#manager/identity/handlers'
import { createPasswordHasher } from '#manager/identity/password'
import { inputSetHandlers } from '#manager/input-set/handlers'
import { createHub } from '#manager/live/hub'
import { secretHandlers } from '#manager/secret/secret'
import type { SendMail } from '#manager/notify/deliver'
import { createNotifications, type Notifications } from '#manager/notify/notifications'
import { stateObserver } from '#manager/state/observe'
import type { Store } from '#manager/store/port'
import { createTriggers, type Triggers } from '#manager/trigger/triggers'
import { offerAttempts } from '#manager/work/claim'
import { createRequestCancel, enqueue } from '#manager/work/enqueue'
import type { AttemptObserver, RequestCancel } from '#manager/work/port'
import { sweepLeases } from '#manager/work/sweep'
import { fetchOf, password, signInTo } from '../api/world.ts'

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
    publicUrl: 'https://sluice.example.org',
    log,
  })
  const identity = { store, passwords, random: randomBytes, account, secure: false }
  const entities = { ...identityHandlers(identity), ...entityHandlers(store, account), ...inputSetHandlers(store) }
  const { app } = createApp({
    handlers: {
      ...entities,
      ...executions.handlers,
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
  const hub = createHub(store)
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

export interface Taken {
  readonly id: string
  readonly fence: string
  readonly spec: StepSpec
}
interface Ending {
  readonly outcome: 'success' | 'failure' | 'cancelled'
  readonly output?: Readonly<Record<string, unknown>>
  readonly fault?: FaultRecord
  readonly reconcile?: FinishBody['reconcile']
}
interface Row {
  readonly fqn: string
  tag?: string
}
const fault = (code: FaultRecord['code'], message: string): FaultRecord => ({ code, message })

/** Takes work by the real queue and protocol, and does it on lists. */
export class FakeDelegate {
  readonly #manager: Manager
  readonly #identity: { readonly id: string; readonly name: string }
  /** History of each instance, by identifier. */
  readonly targets = new Map<string, Row[]>()
  /** Ids of the change sets in the repository, by branch `main`. */
  changelog: readonly string[] = ['c1', 'c2', 'c3']
  /** `instance/changeSet`: fails when it is to be applied. */
  failing = new Set<string>()
  /** Number of attempts at work at the same time, by instance; never above one. */
  mostAtOnce = 0
  readonly #busy = new Map<string, number>()

  private constructor(manager: Manager, identity: { readonly id: string; readonly name: string }) {
    this.#manager = manager
    this.#identity = identity
  }

  static async join(manager: Manager, name = 'delegate'): Promise<FakeDelegate> {
    const id = randomUUID()
    const { db } = manager.store
    const token = { identifier: `t_${id}`, name, token_hash: id, status: 'ACTIVE', created_by: 'test' }
    const { id: token_id } = await db
      .insertInto('delegate_token')
      .values(token)
      .returning('id')
      .executeTakeFirstOrThrow()
    const keys = { signing_key: id, sealing_key: id, version: '0', capacity: 8, connected: true }
    await db
      .insertInto('delegate')
      .values({ id, name, token_id, ...keys })
      .execute()
    return new FakeDelegate(manager, { id, name })
  }

  #call(name: 'accept' | 'start' | 'events' | 'payload' | 'finish', attempt: string, body: object): Promise<unknown> {
    const rights = { permissions: new Set<never>(), grants: [], principal: undefined }
    const nobody = { ...rights, user: undefined, session: undefined, sourceAddress: '' }
    const actor = { type: 'delegate', name: this.#identity.name } as const
    const caller: Caller = { ...nobody, actor, delegate: this.#identity, attempt: { id: attempt } }
    const call = {
      params: { attempt },
      query: {},
      body,
      caller,
      request: new Request('http://m/'),
      setHeader: () => {},
    }
    const handler = this.#manager.protocol[name] as unknown as (call: object) => Promise<unknown>
    return handler({ ...call, signal: new AbortController().signal })
  }

  /** Accepts what is offered now. */
  async take(limit = 8): Promise<readonly Taken[]> {
    const taken: Taken[] = []
    for (const { attempt, fence } of await offerAttempts(this.#manager.store.db, this.#identity.id, limit)) {
      const accepting = this.#call('accept', attempt, { fence, instance: 'i' })
      const accepted = await accepting
        .then((reply) => reply as Awaited<ReturnType<ProtocolHandlers['accept']>>)
        .catch(() => undefined)
      if (accepted) taken.push({ id: attempt, fence: accepted.fence, spec: accepted.spec })
    }
    return taken
  }

  start = async ({ id, fence }: Taken): Promise<void> => void (await this.#call('start', id, { fence }))
  payload = async ({ id, fence }: Taken, payload: Payload): Promise<void> =>
    void (await this.#call('payload', id, { fence, payload }))
  event = async ({ id, fence }: Taken, seq: number, body: StepEvent['body']): Promise<void> =>
    void (await this.#call('events', id, { fence, events: [{ seq, at: 1, body }] }))
  end = async ({ id, fence }: Taken, end: Ending): Promise<void> =>
    void (await this.#call('finish', id, { fence, output: {}, logs: {}, ...end }))

  /** As if its process and node were gone: the lease runs out and the sweeper looks. */
  async lose({ id }: Taken): Promise<void> {
    const { store, observers } = this.#manager
    await sql`update attempt set lease_until = now() - interval '1 second' where id = ${id}`.execute(store.db)
    await sweepLeases(store, observers)
  }

  /** Works until nothing is offered. `interfere` may do an attempt itself, and says so with true. */
  async workAll(interfere: (taken: Taken) => Promise<boolean> = async () => false): Promise<void> {
    for (let taken = await this.take(); taken.length > 0; taken = await this.take())
      for (const each of taken) if (!(await interfere(each))) await this.play(each)
  }

  historyOf(instance: string): Row[] {
    const rows = this.targets.get(instance) ?? []
    this.targets.set(instance, rows)
    return rows
  }
  applied(instance: string): readonly string[] {
    return this.historyOf(instance).map((row) => row.fqn)
  }
  planFor(instance: string): readonly PlannedChangeSet[] {
    const done = new Set(this.applied(instance))
    return this.changelog
      .filter((id) => !done.has(id))
      .map((id) => ({
        fileName: 'a.sql',
        id,
        author: 'me',
        direction: 'apply',
        description: '',
        statements: [`create ${id}`],
      }))
  }

  async play(taken: Taken): Promise<void> {
    const { work } = taken.spec
    if (isProgramWork(work) || work.type === 'ConnectionTest') throw new Error(work.type)
    const busy = (this.#busy.get(work.dbInstance) ?? 0) + 1
    this.#busy.set(work.dbInstance, busy)
    this.mostAtOnce = Math.max(this.mostAtOnce, busy)
    await this.start(taken)
    if (work.type === 'DBSchemaUpdateSQL') await this.#preview(taken, work.dbInstance)
    else if (work.type === 'DBSchemaApply') await this.apply(taken, work)
    else if (work.type === 'DBSchemaRollback') await this.#rollBack(taken, work)
    else throw new Error(`A story has to play ${work.type} itself.`)
    this.#busy.set(work.dbInstance, busy - 1)
  }

  async #preview(taken: Taken, instance: string): Promise<void> {
    const changeSets = [...this.planFor(instance)]
    const statements = changeSets.flatMap((changeSet) => changeSet.statements)
    const plan = { digest: digestOf(changeSets), changeSets, sql: statements.join(';\n') }
    await this.payload(taken, { kind: 'plan', plan })
    await this.end(taken, { outcome: 'success', output: { sqlCommands: statements } })
  }

  /** `stopAfter`: so many change sets are applied, and then nothing more is heard. */
  async apply(
    taken: Taken,
    work: Extract<StepSpec['work'], { type: 'DBSchemaApply' }>,
    stopAfter?: number,
  ): Promise<void> {
    const { dbInstance } = work
    const rows = this.historyOf(dbInstance)
    const plan = this.planFor(dbInstance)
    if (work.approvedDigest !== undefined && work.approvedDigest !== digestOf(plan))
      return this.end(taken, {
        outcome: 'failure',
        fault: fault('plan-changed', 'The plan differs from what was approved.'),
      })
    const newest = rows.at(-1)
    const known = rows.some((row) => row.tag === work.preStartTag)
    const preStartTag = known ? work.preStartTag : (newest?.tag ?? work.preStartTag)
    if (!known && newest && newest.tag === undefined) newest.tag = preStartTag
    if (!newest) rows.push({ fqn: 'tag', tag: preStartTag })
    await this.payload(taken, { kind: 'anchor', preStartTag })
    let seq = 0
    for (const [index, { fileName, id, author }] of plan.entries()) {
      if (index === stopAfter) return
      const about = { fileName, id, author, direction: 'apply' } as const
      await this.event(taken, (seq += 1), { type: 'change-set.started', ...about })
      const failed = this.failing.has(`${dbInstance}/${id}`)
      const status = failed ? 'Deployment_Failed' : 'Successfully_Deployed'
      if (!failed) rows.push({ fqn: id })
      await this.event(taken, (seq += 1), { type: 'change-set.finished', ...about, status, duration: 1, sql: [] })
      if (failed) return this.end(taken, { outcome: 'failure', fault: fault('change-set-failed', `${id} failed.`) })
    }
    const done = plan.map((changeSet) => changeSet.id)
    if (stopAfter === undefined)
      await this.end(taken, { outcome: 'success', output: { preStartTag, changeSets: done } })
  }

  async #rollBack(taken: Taken, work: Extract<StepSpec['work'], { type: 'DBSchemaRollback' }>): Promise<void> {
    const { dbInstance, tag, changeSetCount = 0 } = work
    const rows = this.historyOf(dbInstance)
    const found = rows.findLastIndex((row) => row.tag === tag)
    if (tag !== undefined && found === -1)
      return this.end(taken, { outcome: 'failure', fault: fault('tag-not-found', `No tag ${tag}.`) })
    const at = tag === undefined ? rows.length - changeSetCount - 1 : found
    let seq = 0
    for (const { fqn } of rows.slice(at + 1).toReversed()) {
      if (this.failing.has(`${dbInstance}/${fqn} back`))
        return this.end(taken, { outcome: 'failure', fault: fault('rollback-impossible', `${fqn} failed.`) })
      rows.pop()
      const about = { fileName: 'a.sql', id: fqn, author: 'me', direction: 'rollback' } as const
      await this.event(taken, (seq += 1), { type: 'change-set.started', ...about })
      const finished = { type: 'change-set.finished', status: 'Rolled_Back', duration: 1 } as const
      await this.event(taken, (seq += 1), { ...about, ...finished, sql: [] })
    }
    await this.end(taken, { outcome: 'success', output: { changeSets: [] } })
  }
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
