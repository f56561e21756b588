// Connectors of every scope: create, read, update, delete, list. The spec is given back as it came; it never holds a credential.
import { sql } from 'kysely'
import type { ConnectorInfo, ConnectorOut } from '#contract/api/connector'
import type { ListQuery } from '#contract/paging'
import type { ApiHandlers, Caller, Page } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import { createUnique, invalidField, mustEqual, recordEntity, shownTimes } from './change.ts'
import { refuseInlineCredentials } from './connector-address.ts'
import { visible } from '#contract/grant'
import { among, columnsOf, readPage } from './list.ts'
import { findOwner, missing, ownedBy, type Owner, ownerColumns, type OwnerParams, shownOwner } from './scope.ts'

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

const show = (owner: Owner, row: Row): ConnectorOut => ({
  connector: {
    identifier: row.identifier,
    name: row.name,
    description: row.description,
    ...shownOwner(owner),
    tags: row.tags as Record<string, string>,
    type: row.type,
    spec: row.spec,
  } as ConnectorInfo,
  ...shownTimes(row),
})

const find = (db: Executor, owner: Owner, identifier: string): Promise<Row | undefined> =>
  db
    .selectFrom('connector')
    .where(ownedBy('connector', owner))
    .where('identifier', '=', identifier)
    .select(columns)
    .executeTakeFirst()

async function read(db: Executor, owner: Owner, identifier: string): Promise<Row> {
  const row = await find(db, owner, identifier)
  if (!row) throw missing('Connector', identifier)
  return row
}

/** The columns that a body gives. */
function valuesOf(owner: Owner, connector: ConnectorInfo) {
  mustEqual('connector.orgIdentifier', connector.orgIdentifier, owner.org)
  mustEqual('connector.projectIdentifier', connector.projectIdentifier, owner.project)
  refuseInlineCredentials(connector.type, connector.spec)
  const { name, description = '', tags = {}, spec } = connector
  return { name, description, tags: JSON.stringify(tags), spec: JSON.stringify(spec) }
}

type ConnectorList = Pick<ListQuery, 'page' | 'limit' | 'search_term' | 'sort' | 'order'>

/** What can be done with the connectors of an owner, for whatever paths lead to them. */
export function connectorResource(store: Store) {
  return {
    /** What the caller may see of them. */
    list: async (
      params: OwnerParams,
      query: ConnectorList,
      { grants }: Caller,
      types?: readonly string[],
    ): Promise<Page<ConnectorOut>> => {
      const owner = await findOwner(store.db, params)
      return readPage(
        store.db
          .selectFrom('connector')
          .where(ownedBy('connector', owner))
          .where(among(sql.ref('connector.identifier'), visible(grants, 'connector.view', params)))
          .$if(types !== undefined, (from) => from.where('type', 'in', types ?? [])),
        query,
        columnsOf('connector'),
        (from) => from.select(columns),
        (row) => show(owner, row),
      )
    },

    isFree: async (params: OwnerParams, identifier: string): Promise<boolean> => {
      const owner = await findOwner(store.db, params)
      return (await find(store.db, owner, identifier)) === undefined
    },

    create: (params: OwnerParams, connector: ConnectorInfo, caller: Caller): Promise<ConnectorOut> =>
      store.transaction(async (tx) => {
        const owner = await findOwner(tx, params)
        const { identifier, type } = connector
        const row = await createUnique('Connector', identifier, () =>
          tx
            .insertInto('connector')
            .values({ ...ownerColumns(owner), identifier, type, ...valuesOf(owner, connector) })
            .returning(columns)
            .executeTakeFirstOrThrow(),
        )
        const after = show(owner, row).connector
        await recordEntity(tx, caller, { kind: 'connector', identifier, ...projectOf(owner), after })
        return show(owner, row)
      }),

    get: async (params: OwnerParams, identifier: string): Promise<ConnectorOut> => {
      const owner = await findOwner(store.db, params)
      return show(owner, await read(store.db, owner, identifier))
    },

    update: (
      params: OwnerParams,
      identifier: string,
      connector: ConnectorInfo,
      caller: Caller,
    ): Promise<ConnectorOut> =>
      store.transaction(async (tx) => {
        mustEqual('connector.identifier', connector.identifier, identifier)
        const owner = await findOwner(tx, params)
        const before = await read(tx, owner, identifier)
        if (connector.type !== before.type)
          throw invalidField('connector.type', `Must stay ${before.type}. Create another connector for another type.`)
        const row = await tx
          .updateTable('connector')
          .set({ ...valuesOf(owner, connector), updated_at: sql`now()` })
          .where('id', '=', before.id)
          .returning(columns)
          .executeTakeFirstOrThrow()
        await recordEntity(tx, caller, {
          kind: 'connector',
          identifier,
          ...projectOf(owner),
          before: show(owner, before).connector,
          after: show(owner, row).connector,
        })
        return show(owner, row)
      }),

    // Not refused when a schema or instance names it: clients delete in any order (wire contract 2.7).
    remove: (params: OwnerParams, identifier: string, caller: Caller): Promise<null> =>
      store.transaction(async (tx) => {
        const owner = await findOwner(tx, params)
        const before = await read(tx, owner, identifier)
        await tx.deleteFrom('connector').where('id', '=', before.id).execute()
        const was = show(owner, before).connector
        await recordEntity(tx, caller, { kind: 'connector', identifier, ...projectOf(owner), before: was })
        return null
      }),
  }
}

const projectOf = ({ projectId }: Owner) => (projectId === null ? {} : { projectId })

type Verb = 'list' | 'create' | 'get' | 'update' | 'delete'
type Names =
  | `${Exclude<Verb, 'list'>}${'' | 'Organization' | 'Account'}Connector`
  | `list${'' | 'Organization' | 'Account'}Connectors`

export function connectorHandlers(store: Store): ApiHandlers<Names> {
  const { list, create, get, update, remove } = connectorResource(store)
  return {
    listConnectors: ({ params, query, caller }) => list(params, query, caller),
    createConnector: ({ params, body, caller }) => create(params, body.connector, caller),
    getConnector: ({ params }) => get(params, params.connector),
    updateConnector: ({ params, body, caller }) => update(params, params.connector, body.connector, caller),
    deleteConnector: ({ params, caller }) => remove(params, params.connector, caller),
    listOrganizationConnectors: ({ params, query, caller }) => list(params, query, caller),
    createOrganizationConnector: ({ params, body, caller }) => create(params, body.connector, caller),
    getOrganizationConnector: ({ params }) => get(params, params.connector),
    updateOrganizationConnector: ({ params, body, caller }) => update(params, params.connector, body.connector, caller),
    deleteOrganizationConnector: ({ params, caller }) => remove(params, params.connector, caller),
    listAccountConnectors: ({ query, caller }) => list({}, query, caller),
    createAccountConnector: ({ body, caller }) => create({}, body.connector, caller),
    getAccountConnector: ({ params }) => get({}, params.connector),
    updateAccountConnector: ({ params, body, caller }) => update({}, params.connector, body.connector, caller),
    deleteAccountConnector: ({ params, caller }) => remove({}, params.connector, caller),
  }
}
