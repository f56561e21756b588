// Organizations: create, read, update, delete, list.
import { sql } from 'kysely'
import type { OrganizationOut } from '#contract/api/organization'
import { visible } from '#contract/grant'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import { createUnique, mustEqual, recordEntity, refuseWhileWorking, shownTimes } from './change.ts'
import { among, columnsOf, readPage } from './list.ts'
import { missing } from './scope.ts'

export const organizationColumns = [
  'id',
  'identifier',
  'name',
  'description',
  'tags',
  'created_at',
  'updated_at',
] as const
interface Row {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly description: string
  readonly tags: unknown
  readonly created_at: Date
  readonly updated_at: Date
}

export const showOrganization = (row: Row): OrganizationOut => ({
  organization: {
    identifier: row.identifier,
    name: row.name,
    description: row.description,
    tags: row.tags as Record<string, string>,
  },
  ...shownTimes(row),
})

async function read(db: Executor, org: string): Promise<Row> {
  const row = await db
    .selectFrom('organization')
    .where('identifier', '=', org)
    .select(organizationColumns)
    .executeTakeFirst()
  if (!row) throw missing('Organization', org)
  return row
}

type Names =
  | 'listOrganizations'
  | 'createOrganization'
  | 'getOrganization'
  | 'updateOrganization'
  | 'deleteOrganization'

export function organizationHandlers(store: Store): ApiHandlers<Names> {
  return {
    listOrganizations: ({ query, caller }) => {
      const seen = visible(caller.grants, 'organization.view', {})
      return readPage(
        store.db.selectFrom('organization').where(among(sql.ref('identifier'), seen)),
        query,
        columnsOf('organization'),
        (from) => from.select(organizationColumns),
        showOrganization,
      )
    },

    createOrganization: ({ body: { organization }, caller }) =>
      store.transaction(async (tx) => {
        const { identifier, name, description = '', tags = {} } = organization
        const row = await createUnique('Organization', identifier, () =>
          tx
            .insertInto('organization')
            .values({ identifier, name, description, tags: JSON.stringify(tags) })
            .returning(organizationColumns)
            .executeTakeFirstOrThrow(),
        )
        await recordEntity(tx, caller, { kind: 'organization', identifier, after: showOrganization(row).organization })
        return showOrganization(row)
      }),

    getOrganization: async ({ params }) => showOrganization(await read(store.db, params.org)),

    updateOrganization: ({ params, body: { organization }, caller }) =>
      store.transaction(async (tx) => {
        mustEqual('organization.identifier', organization.identifier, params.org)
        const before = await read(tx, params.org)
        const { name, description = '', tags = {} } = organization
        const row = await tx
          .updateTable('organization')
          .set({ name, description, tags: JSON.stringify(tags), updated_at: sql`now()` })
          .where('id', '=', before.id)
          .returning(organizationColumns)
          .executeTakeFirstOrThrow()
        await recordEntity(tx, caller, {
          kind: 'organization',
          identifier: params.org,
          before: showOrganization(before).organization,
          after: showOrganization(row).organization,
        })
        return showOrganization(row)
      }),

    deleteOrganization: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const before = await read(tx, params.org)
        await refuseWhileWorking(
          tx,
          `Organization ${params.org}`,
          sql<boolean>`project_id in (select id from project where organization_id = ${before.id})`,
        )
        await tx.deleteFrom('organization').where('id', '=', before.id).execute()
        await recordEntity(tx, caller, {
          kind: 'organization',
          identifier: params.org,
          before: showOrganization(before).organization,
        })
        return null
      }),
  }
}
