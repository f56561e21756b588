// What one stage of one execution deployed or rolled back, and the SQL that a change set ran.
import { sql } from 'kysely'
import { findInstance, missing } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Store } from '../store/port.ts'

const commands = { DBSchemaApply: 'Update', DBSchemaRollback: 'Rollback' } as const
type Status = 'IN_PROGRESS' | 'SUCCESS' | 'FAILURE' | 'CANCELLED'

interface DeployedRow {
  readonly status: string
  /** Null in the one row that only tells the number, when the page is empty. */
  readonly fqn: string
  readonly file_name: string
  readonly change_set_id: string
  readonly author: string
  readonly tag: string | null
  readonly comment: string | null
  readonly labels: string | null
  readonly pipeline: string
  readonly seconds: string
  readonly total: string
}

export function deployedStateHandlers(
  store: Store,
): ApiHandlers<'getDeployedState' | 'getChangeSetSql' | 'getChangeSetDefinition'> {
  return {
    getDeployedState: async ({ params, query, body }) => {
      const { instanceId } = await findInstance(store.db, params)
      const { planExecutionId, stageExecutionId, stepType, pipeline, startTime } = body
      // A step that ran twice in the stage (a rehearsal, a retry) shows the latest result of each change set, in the order they ran.
      const { rows } = await sql<DeployedRow>`
        with latest as (
          select distinct on (fqn) deployed.*, execution.pipeline
          from deployed_change_set as deployed join execution on execution.id = deployed.execution_id
          where db_instance_id = ${instanceId} and execution_id = ${planExecutionId} and stage_id = ${stageExecutionId}
            and step_type = ${stepType} and execution.pipeline = ${pipeline}
            and extract(epoch from deployed_at) >= ${startTime}
          order by fqn, deployed.id desc
        ), page as (
          select * from latest order by id limit ${query.limit} offset ${query.page * query.limit}
        )
        select page.*, floor(extract(epoch from page.deployed_at))::bigint as seconds, counted.total
        from (select count(*) as total from latest) as counted left join page on true order by page.id`.execute(
        store.db,
      )
      const metadata = { planExecutionId, stageExecutionId }
      return {
        total: Number(rows[0]?.total ?? 0),
        rows: rows
          .filter(({ fqn }) => fqn !== null)
          .map((row) => ({
            status: row.status as Status,
            changeSetId: row.change_set_id,
            author: row.author,
            fileName: row.file_name,
            changeSetFQN: row.fqn,
            deployedAt: Number(row.seconds),
            ...(row.tag ? { tag: row.tag } : {}),
            ...(row.comment ? { comment: row.comment } : {}),
            ...(row.labels ? { label: row.labels } : {}),
            command: commands[stepType],
            metadata: { ...metadata, pipeline: row.pipeline },
            deployedInCurrentExecution: row.status === 'SUCCESS',
          })),
      }
    },

    getChangeSetDefinition: async ({ params, query }) => {
      const { instanceId } = await findInstance(store.db, params)
      const row = await store.db
        .selectFrom('deployed_change_set')
        .where('db_instance_id', '=', instanceId)
        .where('fqn', '=', query.changeSet)
        .where('step_type', '=', 'DBSchemaApply')
        .where('status', '=', 'SUCCESS')
        .where('definition', 'is not', null)
        .select('definition')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (!row?.definition) throw missing('A deployment, by a step of this version, of the change set', query.changeSet)
      return { yaml: row.definition }
    },

    getChangeSetSql: async ({ params, query, body, setHeader }) => {
      const { instanceId } = await findInstance(store.db, params)
      // The last time it was applied here; before that, whatever is known of it.
      const row = await store.db
        .selectFrom('deployed_change_set')
        .where('db_instance_id', '=', instanceId)
        .where('fqn', '=', body.changesetFQN)
        .select('sql')
        .orderBy(sql`step_type = 'DBSchemaApply' and status = 'SUCCESS'`, 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (!row) throw missing('A run of the change set', body.changesetFQN)
      const statements = row.sql as string[]
      setHeader('x-total-elements', String(statements.length))
      setHeader('x-page-number', String(query.page))
      setHeader('x-page-size', String(query.limit))
      return { sql: statements.slice(query.page * query.limit, (query.page + 1) * query.limit) }
    },
  }
}
