// The overview of a project: how many schemas and instances, and where something was deployed last.
import { sql } from 'kysely'
import { findProject } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Store } from '../store/port.ts'

const recentCount = 5

export function overviewHandlers(store: Store): ApiHandlers<'getOverview'> {
  return {
    getOverview: async ({ params }) => {
      const project = await findProject(store.db, params)
      const instances = store.db
        .selectFrom('db_instance')
        .innerJoin('db_schema', 'db_schema.id', 'db_instance.db_schema_id')
        .where('db_schema.project_id', '=', project.id)
      const counts = await instances.select(sql<string>`count(*)`.as('count')).executeTakeFirstOrThrow()
      const schemas = await store.db
        .selectFrom('db_schema')
        .where('project_id', '=', project.id)
        .select(sql<string>`count(*)`.as('count'))
        .executeTakeFirstOrThrow()
      const recent = await instances
        .where('last_deployed_at', 'is not', null)
        .select(['db_schema.identifier as dbSchemaIdentifier', 'db_schema.name as dbSchemaName'])
        .select(['db_instance.identifier as dbInstanceIdentifier', 'db_instance.name as dbInstanceName'])
        .select(sql<string>`floor(extract(epoch from last_deployed_at))::bigint`.as('lastDeployed'))
        .orderBy('last_deployed_at', 'desc')
        .orderBy('db_instance.id', 'desc')
        .limit(recentCount)
        .execute()
      return {
        dbInstanceCount: Number(counts.count),
        dbSchemaCount: Number(schemas.count),
        recentDeployments: recent.map((row) => ({ ...row, lastDeployed: Number(row.lastDeployed) })),
      }
    },
  }
}
