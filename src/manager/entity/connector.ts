// Connectors: create, read, update, delete, list. The spec is given back as it came; it never holds a credential.
import { sql } from 'kysely'
import type { ConnectorInfo, ConnectorOut } from '#contract/api/connector'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import { createUnique, invalidField, milliseconds, mustEqual, recordEntity } from './change.ts'
import { refuseInlineCredential } from './connector-address.ts'
import { columnsOf, readPage } from './list.ts'
import { findProject, missing, type ProjectScope } from './scope.ts'

const columns = ['id', 'identifier', 'name', 'description', 'tags', 'type', 'spec', 'created_at', 'updated_at'] as const
interface Row {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly description: string
  readonly tags: unknown
  readonly type: string
  readonly spec: unknown
  readonly created_at: Date
  readonly updated_at: Date
}

const show = ({ org, project }: ProjectScope, row: Row): ConnectorOut => ({
  connector: {
    identifier: row.identifier,
    name: row.name,
    description: row.description,
    orgIdentifier: org,
    projectIdentifier: project,
    tags: row.tags as Record<string, string>,
    type: row.type,
    spec: row.spec,
  } as ConnectorInfo,
  createdAt: milliseconds(row.created_at),
  lastModifiedAt: milliseconds(row.updated_at),
})

async function read(db: Executor, scope: ProjectScope, identifier: string): Promise<Row> {
  const row = await db
    .selectFrom('connector')
    .where('project_id', '=', scope.id)
    .where('identifier', '=', identifier)
    .select(columns)
    .executeTakeFirst()
  if (!row) throw missing('Connector', identifier)
  return row
}

/** The columns that a body gives. */
function valuesOf(scope: ProjectScope, connector: ConnectorInfo) {
  mustEqual('connector.orgIdentifier', connector.orgIdentifier, scope.org)
  mustEqual('connector.projectIdentifier', connector.projectIdentifier, scope.project)
  refuseInlineCredential(connector.type, connector.spec.url)
  const { name, description = '', tags = {}, spec } = connector
  return { name, description, tags: JSON.stringify(tags), spec: JSON.stringify(spec) }
}

type Names = 'listConnectors' | 'createConnector' | 'getConnector' | 'updateConnector' | 'deleteConnector'

export function connectorHandlers(store: Store): ApiHandlers<Names> {
  return {
    listConnectors: async ({ params, query }) => {
      const scope = await findProject(store.db, params)
      return readPage(
        store.db.selectFrom('connector').where('project_id', '=', scope.id),
        query,
        columnsOf('connector'),
        (from) => from.select(columns),
        (row) => show(scope, row),
      )
    },

    createConnector: ({ params, body: { connector }, caller }) =>
      store.transaction(async (tx) => {
        const scope = await findProject(tx, params)
        const { identifier, type } = connector
        const row = await createUnique('Connector', identifier, () =>
          tx
            .insertInto('connector')
            .values({ project_id: scope.id, identifier, type, ...valuesOf(scope, connector) })
            .returning(columns)
            .executeTakeFirstOrThrow(),
        )
        const after = show(scope, row).connector
        await recordEntity(tx, caller, { kind: 'connector', identifier, projectId: scope.id, after })
        return show(scope, row)
      }),

    getConnector: async ({ params }) => {
      const scope = await findProject(store.db, params)
      return show(scope, await read(store.db, scope, params.connector))
    },

    updateConnector: ({ params, body: { connector }, caller }) =>
      store.transaction(async (tx) => {
        mustEqual('connector.identifier', connector.identifier, params.connector)
        const scope = await findProject(tx, params)
        const before = await read(tx, scope, params.connector)
        if (connector.type !== before.type)
          throw invalidField('connector.type', `Must stay ${before.type}. Create another connector for another type.`)
        const row = await tx
          .updateTable('connector')
          .set({ ...valuesOf(scope, connector), updated_at: sql`now()` })
          .where('id', '=', before.id)
          .returning(columns)
          .executeTakeFirstOrThrow()
        await recordEntity(tx, caller, {
          kind: 'connector',
          identifier: params.connector,
          projectId: scope.id,
          before: show(scope, before).connector,
          after: show(scope, row).connector,
        })
        return show(scope, row)
      }),

    // Not refused when a schema or instance names it: clients delete in any order (wire contract 2.7).
    deleteConnector: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const scope = await findProject(tx, params)
        const before = await read(tx, scope, params.connector)
        await tx.deleteFrom('connector').where('id', '=', before.id).execute()
        await recordEntity(tx, caller, {
          kind: 'connector',
          identifier: params.connector,
          projectId: scope.id,
          before: show(scope, before).connector,
        })
        return null
      }),
  }
}
