// Takes in what somebody asks for: the attempt into the queue, the task beside it, both or neither.
import { sql } from 'kysely'
import type { TaskKind } from '#contract/api/task'
import { type StepSpec, subjectOf } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { recordEvent } from '../audit/record.ts'
import { findProject, type ProjectScope } from '../entity/scope.ts'
import { instanceKey } from '../execution/target.ts'
import type { Caller } from '../http/handler.ts'
import type { Store, StoreTransaction } from '../store/port.ts'
import type { Enqueue } from '../work/port.ts'
import type { TaskWork } from './work.ts'

export interface TaskDependencies {
  readonly store: Store
  readonly enqueue: Enqueue
  readonly createId: () => string
}

export interface Asked {
  readonly params: { readonly org: string; readonly project: string }
  readonly caller: Caller
  readonly kind: TaskKind
  readonly connector?: string
  readonly instance?: { readonly dbSchema: string; readonly dbInstance: string }
  readonly reference?: string | undefined
  readonly timeoutSeconds?: number | undefined
  readonly resolve: (tx: StoreTransaction, projectId: string) => Promise<TaskWork>
}

/** For waiting and working together, unless told. A person waits for a test; a snapshot of a large database takes its time. */
const limits: Readonly<Record<TaskKind, number>> = {
  'connection-test': 60,
  preview: 300,
  snapshot: 900,
  diff: 900,
  sync: 300,
}
/** Tasks of one project that have not ended. */
const mostOpen = 50

/** Gives the id. Raises what `resolve` raises, and `too-many-requests`. */
export function askFor({ store, enqueue, createId }: TaskDependencies, asked: Asked): Promise<string> {
  return store.transaction(async (tx) => {
    const scope = await findProject(tx, asked.params)
    await refuseTooMany(tx, scope)
    const { kind, caller, instance } = asked
    const id = createId()
    const { work, selectors } = await asked.resolve(tx, scope.id)
    const timeoutSeconds = asked.timeoutSeconds ?? limits[kind]
    const { org, project } = scope
    const spec: StepSpec = {
      attempt: id,
      execution: id,
      node: 'task',
      pipeline: kind,
      project: { org, project },
      timeoutSeconds,
      work,
    }
    await enqueue(tx, {
      spec,
      isTask: true,
      projectId: scope.id,
      number: 1,
      // What a step changes meanwhile would make half of the answer old. A test only knocks.
      instanceKey: instance && kind !== 'connection-test' ? instanceKey(scope.id, instance) : null,
      delegateSelectors: selectors,
    })
    await tx
      .insertInto('task')
      .values({
        id,
        project_id: scope.id,
        kind,
        connector: asked.connector ?? null,
        db_schema: instance?.dbSchema ?? null,
        db_instance: instance?.dbInstance ?? null,
        reference: asked.reference ?? null,
        asked_by: caller.principal?.email ?? caller.actor.name,
        asked_by_name: caller.principal?.name ?? caller.actor.name,
        deadline: sql<Date>`now() + make_interval(secs => ${timeoutSeconds})`,
      })
      .execute()
    const { actor, sourceAddress } = caller
    const body = { type: 'task.status', task: id, kind, subject: subjectOf(work), status: 'queued' } as const
    await recordEvent(tx, { actor, sourceAddress, projectId: scope.id, body })
    return id
  })
}

async function refuseTooMany(tx: StoreTransaction, scope: ProjectScope): Promise<void> {
  const { open } = await tx
    .selectFrom('task')
    .innerJoin('attempt', 'attempt.id', 'task.id')
    .where('task.project_id', '=', scope.id)
    .where('attempt.state', 'in', ['queued', 'accepted', 'started'])
    .select(sql<string>`count(*)`.as('open'))
    .executeTakeFirstOrThrow()
  if (Number(open) < mostOpen) return
  throw new Fault('too-many-requests', `The project ${scope.project} has ${open} tasks that have not ended.`, {
    hint: 'Wait until some of them end, or abort them.',
  })
}
