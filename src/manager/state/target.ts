// Which instance an attempt works on. It may have been deleted meanwhile; then there is nothing to keep up to date.
import { isProgramWork } from '#contract/delegate/program-work'
import type { AttemptRecord } from '../work/port.ts'
import type { StoreTransaction } from '../store/port.ts'

/** Row id of the instance, or undefined when it is gone, or when the work is on none. */
export async function findTarget(tx: StoreTransaction, attempt: AttemptRecord): Promise<string | undefined> {
  const { work } = attempt.spec
  if (isProgramWork(work) || work.type === 'ConnectionTest') return undefined
  const { dbSchema, dbInstance } = work
  const row = await tx
    .selectFrom('db_instance')
    .innerJoin('db_schema', 'db_schema.id', 'db_instance.db_schema_id')
    .where('db_schema.project_id', '=', attempt.projectId)
    .where('db_schema.identifier', '=', dbSchema)
    .where('db_instance.identifier', '=', dbInstance)
    .select('db_instance.id')
    .executeTakeFirst()
  return row?.id
}

/** Node ids are paths (`dev.deploy.apply`); the first part is the stage. */
export const stageOf = (nodeId: string): string => nodeId.split('.', 1)[0] ?? nodeId
