// A delegate that takes work by the real queue and protocol, and plays its steps against databases that are lists in memory.
import { isProgramWork } from '#contract/delegate/program-work'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { PlannedChangeSet } from '#contract/change-set'
import type { Payload } from '#contract/delegate/payload'
import type { FinishBody, StepEvent } from '#contract/delegate/protocol'
import type { StepSpec } from '#contract/delegate/step-spec'
import type { FaultRecord } from '#contract/fault'
import { digestOf } from '#manager/approval/digest'
import type { Caller, ProtocolHandlers } from '#manager/http/handler'
import { offerAttempts } from '#manager/work/offer'
import { sweepLeases } from '#manager/work/sweep'
import type { Manager } from './release-world.ts'

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
    const self = { ...this.#identity, tags: [], organizationId: null, projectId: null, freeSlots: limit }
    const offered = await offerAttempts(this.#manager.store.db, [self])
    for (const { attempt, fence } of offered.get(self) ?? []) {
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
