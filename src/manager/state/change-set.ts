// One instance and its change sets, whether an id is taken, and the instance that authors work against.
import { sql } from 'kysely'
import type { ChangeSetDeploymentStatus } from '#contract/change-set'
import { Fault } from '#contract/fault'
import { findInstance, findSchema } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Store } from '../store/port.ts'
import { stageOf } from './target.ts'

type Names = 'getInstanceMigrationState' | 'getChangeSetExistence' | 'getDefaultAuthoringInstance'

const hasSnapshot = sql<boolean>`exists (select from snapshot where db_instance_id = db_instance.id and complete)`

export function changeSetHandlers(store: Store): ApiHandlers<Names> {
  return {
    getInstanceMigrationState: async ({ params, query }) => {
      const { instanceId, schemaName } = await findInstance(store.db, params)
      const { name } = await store.db
        .selectFrom('db_instance')
        .where('id', '=', instanceId)
        .select('name')
        .executeTakeFirstOrThrow()
      const term = query.search_term ?? ''
      const found = store.db
        .selectFrom('change_set_state as state')
        .leftJoin('execution', 'execution.id', 'state.execution_id')
        .where('db_instance_id', '=', instanceId)
        .$if(term !== '', (rows) => rows.where(sql<boolean>`strpos(lower(fqn), lower(${term})) > 0`))
      const { total } = await found.select(sql<string>`count(*)`.as('total')).executeTakeFirstOrThrow()
      const rows = await found
        .select(['fqn', 'file_name', 'change_set_id', 'author', 'state.status', 'tag', 'comment', 'labels'])
        .select(['state.execution_id', 'node_id', 'execution.pipeline'])
        .select(sql<string>`floor(extract(epoch from state.updated_at))::bigint`.as('updated'))
        .orderBy('position')
        .orderBy('fqn')
        .limit(query.limit)
        .offset(query.page * query.limit)
        .execute()
      const changeSets = rows.map((row) => ({
        changeSet: row.change_set_id,
        author: row.author,
        fileName: row.file_name,
        changeSetFQN: row.fqn,
        status: row.status as ChangeSetDeploymentStatus,
        deployedAt: row.status === 'Successfully_Deployed' ? Number(row.updated) : 0,
        pipeline: row.pipeline ?? '',
        planExecutionId: row.execution_id ?? '',
        stageExecutionId: row.node_id ? stageOf(row.node_id) : '',
        ...(row.tag ? { tag: row.tag } : {}),
        ...(row.comment ? { comment: row.comment } : {}),
        ...(row.labels ? { label: row.labels } : {}),
      }))
      return { rows: [], total: Number(total), body: { schemaName, instanceName: name, changeSets } }
    },

    getChangeSetExistence: async ({ params, body }) => {
      const { schemaId } = await findSchema(store.db, params)
      const ids = body.changeSets.map(({ id }) => id.trim())
      const rows = await store.db
        .selectFrom('change_set_state')
        .innerJoin('db_instance', 'db_instance.id', 'db_instance_id')
        .where('db_schema_id', '=', schemaId)
        .where('change_set_id', 'in', ids)
        .select('change_set_id')
        .distinct()
        .execute()
      const known = new Set(rows.map((row) => row.change_set_id))
      return { existence: Object.fromEntries(ids.map((id) => [id, known.has(id)])) }
    },

    getDefaultAuthoringInstance: async ({ params }) => {
      const { schemaId } = await findSchema(store.db, params)
      const row = await store.db
        .selectFrom('db_instance')
        .where('db_schema_id', '=', schemaId)
        .select(['identifier', 'name', 'connector'])
        .select(hasSnapshot.as('hasSnapshot'))
        .orderBy(hasSnapshot, 'desc')
        .orderBy('created_at')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst()
      if (!row) throw new Fault('not-found', `The DB schema ${params.dbschema} has no DB instances.`)
      return row
    },
  }
}
