// Role assignments: who has which role on which resources, in one scope.
import { type SelectQueryBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { roleAssignmentInSchema, roleAssignmentOutSchema } from '#contract/api/scoped-entity-schema'
import { builtInResourceGroups, builtInRoles } from '#contract/permission'
import { identifiersOf, listQueryOf } from '#contract/platform'
import { createUnique, invalidField, mustEqual, recordEntity, shownTimes } from '../entity/change.ts'
import { among, readPage } from '../entity/list.ts'
import { missing } from '../entity/scope.ts'
import { findPlace, type ScopedPlace, shownPlace } from '../entity/scoped-place.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store, StoreTransaction } from '../store/port.ts'
import { findUser } from '../identity/find-user.ts'
import { refuseMoreByUse } from './escalate.ts'
import { visible } from '#contract/grant'

type In = z.output<typeof roleAssignmentInSchema>
type Out = z.output<typeof roleAssignmentOutSchema>

interface Row {
  readonly id: string
  readonly identifier: string
  readonly disabled: boolean
  readonly created_at: Date
  readonly updated_at: Date
  readonly user: string | null
  readonly role: string
  readonly resources: string
  readonly group: string | null
  readonly account: string | null
  readonly level: string
}

const within = (db: Executor, { organizationId, projectId }: ScopedPlace) =>
  db
    .selectFrom('role_assignment')
    .leftJoin('scoped_entity as own_role', 'own_role.id', 'role_id')
    .leftJoin('scoped_entity as own_resources', 'own_resources.id', 'resource_group_id')
    .leftJoin('scoped_entity as principal', (join) =>
      join.on(sql<boolean>`principal.id = coalesce(group_id, service_account_id)`),
    )
    .where(sql<boolean>`role_assignment.organization_id is not distinct from ${organizationId}`)
    .where(sql<boolean>`role_assignment.project_id is not distinct from ${projectId}`)

function select<DB, TB extends keyof DB>(from: SelectQueryBuilder<DB, TB, object>): SelectQueryBuilder<DB, TB, Row> {
  return from.select([
    sql<string>`role_assignment.id`.as('id'),
    sql<string>`role_assignment.identifier`.as('identifier'),
    sql<boolean>`disabled`.as('disabled'),
    sql<Date>`role_assignment.created_at`.as('created_at'),
    sql<Date>`role_assignment.updated_at`.as('updated_at'),
    sql<string | null>`(select email from user_account where user_account.id = user_id)`.as('user'),
    sql<string>`coalesce(built_in_role, own_role.identifier)`.as('role'),
    sql<string>`coalesce(built_in_resource_group, own_resources.identifier)`.as('resources'),
    sql<string | null>`case when group_id is not null then principal.identifier end`.as('group'),
    sql<string | null>`case when service_account_id is not null then principal.identifier end`.as('account'),
    sql<string>`case when principal.project_id is not null then 'project'
      when principal.organization_id is not null then 'organization' else 'account' end`.as('level'),
  ]) as unknown as SelectQueryBuilder<DB, TB, Row>
}

function principalOf({ user, group, account, level }: Row): Out['roleAssignment']['principal'] {
  if (group !== null) return { type: 'USER_GROUP', identifier: group, scopeLevel: level }
  if (account !== null) return { type: 'SERVICE_ACCOUNT', identifier: account, scopeLevel: level }
  return { type: 'USER', identifier: user ?? '', scopeLevel: 'account' }
}

const show = (account: string, place: ScopedPlace, row: Row): Out => ({
  roleAssignment: {
    identifier: row.identifier,
    roleIdentifier: row.role,
    resourceGroupIdentifier: row.resources,
    principal: principalOf(row),
    disabled: row.disabled,
    managed: false,
  },
  scope: shownPlace(account, place),
  harnessManaged: false,
  ...shownTimes(row),
})

async function read(db: Executor, place: ScopedPlace, identifier: string): Promise<Row> {
  const row = await select(within(db, place).where('role_assignment.identifier', '=', identifier)).executeTakeFirst()
  if (!row) throw missing('Role assignment', identifier)
  return row
}

type ScopedKindName = 'role' | 'resource-group' | 'user-group' | 'service-account'

/** The nearest of this kind: in the scope itself, or in one above it; with `level` only there. */
async function nearest(
  tx: StoreTransaction,
  kind: ScopedKindName,
  identifier: string,
  { organizationId, projectId }: ScopedPlace,
  level?: string,
): Promise<string> {
  const wanted = level?.toLowerCase()
  const row = await tx
    .selectFrom('scoped_entity')
    .where('kind', '=', kind)
    .where('identifier', '=', identifier)
    .where(
      sql<boolean>`(organization_id is null
        or organization_id = ${organizationId} and project_id is null
        or project_id = ${projectId})`,
    )
    .$if(wanted !== undefined, (rows) =>
      rows.where(
        sql<boolean>`case when project_id is not null then 'project' when organization_id is not null
          then 'organization' else 'account' end = ${wanted}`,
      ),
    )
    .select('id')
    .orderBy(sql`project_id nulls last, organization_id nulls last`)
    .limit(1)
    .executeTakeFirst()
  if (!row) throw invalidField(kind, `${identifier} does not exist here.`)
  return row.id
}

async function principalColumns(tx: StoreTransaction, place: ScopedPlace, principal: In['principal']) {
  const { type, identifier, scopeLevel } = principal
  const none = { user_id: null, group_id: null, service_account_id: null }
  if (type === 'USER') return { ...none, user_id: (await findUser(tx, identifier)).id }
  const kind = type === 'USER_GROUP' ? 'user-group' : 'service-account'
  const id = await nearest(tx, kind, identifier, place, scopeLevel ?? undefined)
  return type === 'USER_GROUP' ? { ...none, group_id: id } : { ...none, service_account_id: id }
}

async function columnsOf(tx: StoreTransaction, place: ScopedPlace, body: In) {
  const { roleIdentifier: role, resourceGroupIdentifier: group } = body
  return {
    ...(await principalColumns(tx, place, body.principal)),
    ...(role in builtInRoles
      ? { built_in_role: role, role_id: null }
      : { built_in_role: null, role_id: await nearest(tx, 'role', role, place) }),
    ...(group in builtInResourceGroups
      ? { built_in_resource_group: group, resource_group_id: null }
      : { built_in_resource_group: null, resource_group_id: await nearest(tx, 'resource-group', group, place) }),
    disabled: body.disabled ?? false,
  }
}

type Names =
  | 'listRoleAssignments'
  | 'createRoleAssignment'
  | 'getRoleAssignment'
  | 'updateRoleAssignment'
  | 'deleteRoleAssignment'

export function roleAssignmentHandlers(store: Store, account: string, createId: () => string): ApiHandlers<Names> {
  const event = (place: ScopedPlace, identifier: string) => ({
    kind: 'role-assignment',
    identifier,
    ...(place.projectId === null ? {} : { projectId: place.projectId }),
  })
  return {
    listRoleAssignments: async ({ query, caller }) => {
      const place = await findPlace(store.db, query)
      const identifiers = identifiersOf(query)
      const seen = visible(caller.grants, 'assignment.view', place)
      const found = within(store.db, place).where(among(sql.ref('role_assignment.identifier'), seen))
      const from = found.$if(identifiers !== undefined, (rows) =>
        rows.where('role_assignment.identifier', 'in', identifiers ?? []),
      )
      const sortColumns = {
        id: 'role_assignment.id',
        identifier: 'role_assignment.identifier',
        name: 'role_assignment.identifier',
        created: 'role_assignment.created_at',
        updated: 'role_assignment.updated_at',
      }
      return readPage(from, listQueryOf(query), sortColumns, select, (row) => show(account, place, row))
    },

    createRoleAssignment: ({ query, body, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query)
        const identifier = body.identifier || `role_assignment_${createId()}`
        const values = await columnsOf(tx, place, body)
        await createUnique('Role assignment', identifier, () =>
          tx
            .insertInto('role_assignment')
            .values({ organization_id: place.organizationId, project_id: place.projectId, identifier, ...values })
            .execute(),
        )
        const row = await read(tx, place, identifier)
        await refuseMoreByUse(tx, caller, sql`assignment.id = ${row.id}`, 'The assignment')
        const after = show(account, place, row)
        await recordEntity(tx, caller, { ...event(place, identifier), after: after.roleAssignment })
        return after
      }),

    getRoleAssignment: async ({ params, query }) => {
      const place = await findPlace(store.db, query)
      return show(account, place, await read(store.db, place, params.identifier))
    },

    updateRoleAssignment: ({ params, query, body, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query)
        const identifier = params.identifier ?? ''
        mustEqual('identifier', body.identifier ?? undefined, identifier)
        const before = await read(tx, place, identifier)
        const values = await columnsOf(tx, place, body)
        await tx
          .updateTable('role_assignment')
          .set({ ...values, updated_at: sql`now()` })
          .where('id', '=', before.id)
          .execute()
        await refuseMoreByUse(tx, caller, sql`assignment.id = ${before.id}`, 'The assignment')
        const after = show(account, place, await read(tx, place, identifier))
        await recordEntity(tx, caller, {
          ...event(place, identifier),
          before: show(account, place, before).roleAssignment,
          after: after.roleAssignment,
        })
        return after
      }),

    deleteRoleAssignment: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query)
        const row = await read(tx, place, params.identifier)
        await tx.deleteFrom('role_assignment').where('id', '=', row.id).execute()
        const before = show(account, place, row)
        await recordEntity(tx, caller, { ...event(place, params.identifier), before: before.roleAssignment })
        return before
      }),
  }
}
