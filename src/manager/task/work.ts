// What the step of a task is told, from the entities that it is about. A task is no run: expressions have no values in it.
import { hasOtherSecretExpression, replaceSecrets } from '#contract/delegate/secret-expression'
import type { SchemaSide, StepWork } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { resolveDatabase, resolveTarget, type Revision, type TargetValues } from '../execution/target.ts'
import type { StoreTransaction } from '../store/port.ts'

/** The work, and which delegates may do it. */
export interface TaskWork {
  readonly work: StepWork
  readonly selectors: readonly string[]
}
export interface InstanceName {
  readonly dbSchema: string
  readonly dbInstance: string
}
export interface GivenRevision {
  readonly branch?: string | undefined
  readonly commit?: string | undefined
  readonly tag?: string | undefined
}

const noRun = 'only a run gives it one'

function valuesOutside(projectId: string): TargetValues {
  return {
    projectId,
    resolve: (text) => (text.includes('<+') ? { because: noRun } : { text }),
    properties: (instance, properties) => {
      for (const [name, text] of Object.entries(properties)) {
        if (!hasOtherSecretExpression(text) && !replaceSecrets(text, () => '').includes('<+')) continue
        throw new Fault(
          'invalid-input',
          `The property ${name} of the DB instance ${instance} has no value outside of a run: ${noRun}.`,
          { hint: 'Run a pipeline with a preview step instead, or write the value.' },
        )
      }
      return { ...properties }
    },
  }
}

/** Undefined when nothing is given. Raises `invalid-input` for more than one. */
export function revisionOf({ branch, commit, tag }: GivenRevision): Revision | undefined {
  const given = [
    branch === undefined ? undefined : { branch },
    commit === undefined ? undefined : { commit },
    tag === undefined ? undefined : { tag },
  ].filter((one) => one !== undefined)
  if (given.length > 1)
    throw new Fault('invalid-input', 'Of branch, commit and tag only one can be given.', {
      hint: 'Leave out the rest.',
    })
  return given[0]
}

/** Preview and history sync: a changelog on a database. */
export async function changelogWork(
  tx: StoreTransaction,
  projectId: string,
  type: 'DBSchemaUpdateSQL' | 'HistorySync',
  instance: InstanceName,
  revision?: Revision,
): Promise<TaskWork> {
  const { work, selectors } = await resolveTarget(tx, valuesOutside(projectId), instance, revision)
  return { work: { type, ...work, ...instance }, selectors }
}

export async function instanceTestWork(
  tx: StoreTransaction,
  projectId: string,
  instance: InstanceName,
): Promise<TaskWork> {
  const { work, selectors } = await resolveTarget(tx, valuesOutside(projectId), instance)
  const { connection, source } = work
  const subject = `${instance.dbSchema} on ${instance.dbInstance}`
  return { work: { type: 'ConnectionTest', subject, connection, source }, selectors }
}

export async function snapshotWork(tx: StoreTransaction, projectId: string, instance: InstanceName): Promise<TaskWork> {
  const { connection, selectors } = await resolveDatabase(tx, projectId, instance)
  return { work: { type: 'Snapshot', ...instance, connection }, selectors }
}

/**
 * `reference`: another instance of the same schema, or the id of the task that took a snapshot of an instance of it that the caller
 * may see.
 */
export async function diffWork(
  tx: StoreTransaction,
  projectId: string,
  instance: InstanceName,
  reference: { readonly dbInstance: string } | { readonly snapshot: string },
  maySee: (dbInstance: string) => boolean,
): Promise<TaskWork> {
  const { connection, selectors } = await resolveDatabase(tx, projectId, instance)
  const base = { type: 'SchemaDiff', ...instance, connection } as const
  if ('snapshot' in reference) {
    const { snapshot } = reference
    const found = await findSnapshot(tx, projectId, instance.dbSchema, snapshot)
    if (found?.db_instance == null || !maySee(found.db_instance))
      throw new Fault('not-found', `The DB schema ${instance.dbSchema} has no snapshot ${snapshot}.`)
    if (!found.complete)
      throw new Fault('conflict', `The snapshot ${snapshot} is not complete.`, { hint: 'Take another one.' })
    return { work: { ...base, reference }, selectors }
  }
  const { dbInstance } = reference
  const other = await resolveDatabase(tx, projectId, { dbSchema: instance.dbSchema, dbInstance })
  const side: SchemaSide = { connection: other.connection, dbInstance }
  return { work: { ...base, reference: side }, selectors: [...new Set([...selectors, ...other.selectors])] }
}

const findSnapshot = (tx: StoreTransaction, projectId: string, dbSchema: string, id: string) =>
  tx
    .selectFrom('snapshot')
    .innerJoin('task', 'task.id', 'snapshot.task_id')
    .where('task.id', '=', id)
    .where('task.project_id', '=', projectId)
    .where('task.db_schema', '=', dbSchema)
    .select(['complete', 'db_instance'])
    .executeTakeFirst()
