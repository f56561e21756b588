// A step on an instance as the state observer sees it: its events, payloads and end, with the rows that it belongs to.
import type { ChangeSetOnInstance } from '#contract/change-set'
import type { StepEvent } from '#contract/delegate/protocol'
import type { StepWork } from '#contract/delegate/step-spec'
import { stateObserver } from '#manager/state/observe'
import type { StoreTransaction } from '#manager/store/port'
import type { AttemptEnd, AttemptRecord } from '#manager/work/port'
import type { World } from './world.ts'

export interface Run {
  readonly attempt: AttemptRecord
  readonly execution: string
  event(body: StepEvent['body']): Promise<void>
  started(id: string): Promise<void>
  finished(id: string, more?: Partial<Extract<StepEvent['body'], { type: 'change-set.finished' }>>): Promise<void>
  told(changeSets: readonly ChangeSetOnInstance[], lastTag?: string): Promise<void>
  end(end: Omit<AttemptEnd, 'output'>): Promise<void>
}

export const identity = (id: string) => ({ fileName: 'c.yaml', id, author: 'ann' })
export const fqn = (id: string) => `c.yaml::${id}::ann`
export const on = (id: string, status: ChangeSetOnInstance['status'], more: Partial<ChangeSetOnInstance> = {}) => ({
  ...identity(id),
  status,
  ...more,
})

/** A step on an instance, with the rows that the pipeline and the queue would have written. */
export async function runStep(
  world: World,
  target: { readonly projectId: string; readonly dbSchema: string; readonly dbInstance: string },
  number: number,
  type: StepWork['type'],
  work: object = {},
): Promise<Run> {
  const { projectId, dbSchema, dbInstance } = target
  const id = `a${number}`
  const execution = `e${number}`
  const nodeId = `${dbInstance}.group.step`
  const spec = { attempt: id, execution, node: nodeId, work: { type, dbSchema, dbInstance, ...work } }
  const { db } = world.store
  await db
    .insertInto('execution')
    .values({
      id: execution,
      project_id: projectId,
      pipeline: 'release',
      pipeline_name: 'Release',
      number,
      status: 'Running',
      yaml: '',
      state: '{}',
      trigger_type: 'MANUAL',
      triggered_by: 'a',
      triggered_by_name: 'A',
    })
    .execute()
  await db
    .insertInto('attempt')
    .values({
      id,
      execution_id: execution,
      node_id: nodeId,
      project_id: projectId,
      number: 1,
      type,
      changing: true,
      spec: JSON.stringify(spec),
      state: 'started',
    })
    .execute()
  const attempt = { id, executionId: execution, nodeId, projectId, number: 1, fence: '1', spec, delegateId: null }
  const record = attempt as unknown as AttemptRecord
  const within = (call: (tx: StoreTransaction) => Promise<void> | undefined) =>
    world.store.transaction(async (tx) => call(tx))
  let seq = 0
  const event = (body: StepEvent['body']) =>
    within((tx) => stateObserver.event?.(tx, record, { seq: (seq += 1), at: 0, body }))
  const direction = type === 'DBSchemaRollback' ? ('rollback' as const) : ('apply' as const)
  const status = direction === 'apply' ? ('Successfully_Deployed' as const) : ('Rolled_Back' as const)
  return {
    attempt: record,
    execution,
    event,
    started: (name) => event({ type: 'change-set.started', direction, ...identity(name) }),
    finished: (name, more = {}) =>
      event({
        type: 'change-set.finished',
        direction,
        status,
        duration: 1,
        sql: [`create ${name}`],
        ...identity(name),
        ...more,
      }),
    told: (changeSets, lastTag) =>
      within((tx) =>
        stateObserver.payload?.(tx, record, {
          kind: 'change-sets',
          changeSets: [...changeSets],
          ...(lastTag === undefined ? {} : { lastTag }),
        }),
      ),
    end: (end) => within((tx) => stateObserver.ended?.(tx, record, { output: {}, ...end })),
  }
}
