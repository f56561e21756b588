// What the steps of one stage did to an instance, or would do, as texts: the SQL or the definitions of their change sets.
import { sql } from 'kysely'
import { planPayloadSchema } from '#contract/change-set-schema'
import { Fault } from '#contract/fault'
import { findInstance, missing } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'

/** Steps that changed something: each change set is kept with its SQL and its definition. */
const changing: Readonly<Record<string, string>> = { Update: 'DBSchemaApply', Rollback: 'DBSchemaRollback' }
/** Steps that previewed: their plan is kept, which is SQL. */
const previewing: Readonly<Record<string, string>> = {
  DBOPSUpdateSQL: 'DBSchemaUpdateSQL',
  DBOPSRollbackSQL: 'DBSchemaRollbackSQL',
  DBOPSRollbackCountSQL: 'DBSchemaRollbackSQL',
}

interface Asked {
  readonly instanceId: string
  readonly projectId: string
  readonly dbSchema: string
  readonly dbInstance: string
  readonly execution: string
  readonly stage: string
}

export function stepOutputHandlers(store: Store): ApiHandlers<'getChangeSetMetadata'> {
  return {
    getChangeSetMetadata: async ({ params, query, setHeader }) => {
      const { instanceId, id: projectId } = await findInstance(store.db, params)
      const { harnessCommand: command, contentType, pipelineExecutionId: execution, stageExecutionId: stage } = query
      const { dbschema: dbSchema, dbinstance: dbInstance } = params
      const asked = { instanceId, projectId, dbSchema, dbInstance, execution, stage }
      const step = changing[command]
      const texts =
        step === undefined
          ? await readPreviews(store.db, asked, command, contentType)
          : await readChanges(store.db, asked, step, contentType)
      const { page, limit } = query
      setHeader('x-total-elements', String(texts.length))
      setHeader('x-page-number', String(page))
      setHeader('x-page-size', String(limit))
      return { data: texts.slice(page * limit, (page + 1) * limit) }
    },
  }
}

async function readChanges(db: Executor, asked: Asked, step: string, type: 'Yaml' | 'Sql'): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('deployed_change_set')
    .where('db_instance_id', '=', asked.instanceId)
    .where('execution_id', '=', asked.execution)
    .where('stage_id', '=', asked.stage)
    .where('step_type', '=', step)
    .select(['sql', 'definition'])
    .orderBy('id')
    .execute()
  if (rows.length === 0) throw missing(`A ${step} on this instance in the stage`, asked.stage)
  return rows.flatMap((row) => (type === 'Sql' ? (row.sql as string[]) : (row.definition ?? [])))
}

async function readPreviews(
  db: Executor,
  asked: Asked,
  command: string,
  type: 'Yaml' | 'Sql',
): Promise<readonly string[]> {
  const step = previewing[command]
  if (step === undefined || type === 'Yaml')
    throw new Fault('not-offered', `${command} as ${type} is not kept.`, {
      hint: 'Previews are kept as SQL; snapshots are read by their object names and values.',
    })
  const rows = await db
    .selectFrom('plan')
    .innerJoin('execution', 'execution.id', 'plan.execution_id')
    .innerJoin('execution_node as node', (join) =>
      join.onRef('node.execution_id', '=', 'plan.execution_id').onRef('node.node_id', '=', 'plan.node_id'),
    )
    .where('execution.project_id', '=', asked.projectId)
    .where('plan.execution_id', '=', asked.execution)
    .where(sql<boolean>`split_part(node.node_id, '.', 1) = ${asked.stage}`)
    .where('node.type', '=', step)
    .where('node.db_schema', '=', asked.dbSchema)
    .where('node.db_instance', '=', asked.dbInstance)
    .select('plan.payload')
    .orderBy('node.position')
    .execute()
  if (rows.length === 0) throw missing(`A ${step} of this instance in the stage`, asked.stage)
  return rows.flatMap(({ payload }) => planPayloadSchema.parse(payload).changeSets.flatMap((one) => one.statements))
}
