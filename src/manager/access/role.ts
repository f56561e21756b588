// Custom roles and resource groups; the built-in ones are shown among them and cannot be changed.
import { sql } from 'kysely'
import type { z } from 'zod'
import type {
  roleInSchema,
  roleOutSchema,
  resourceGroupInSchema,
  resourceGroupOutSchema,
} from '#contract/api/scoped-entity-schema'
import { Fault } from '#contract/fault'
import { builtInResourceGroups, builtInRoles, permissionNamed } from '#contract/permission'
import { shownTimes } from '../entity/change.ts'
import {
  createScoped,
  deleteScoped,
  listScoped,
  readScoped,
  type ScopedKind,
  type ScopedRow,
  updateScoped,
} from '../entity/scoped-entity.ts'
import { findPlace, levelOf, type ScopedPlace, shownPlace } from '../entity/scoped-place.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Store } from '../store/port.ts'
import { refuseMoreByUse, refuseMoreThanOwn } from './escalate.ts'

type RoleIn = z.output<typeof roleInSchema>
type RoleOut = z.output<typeof roleOutSchema>
type GroupIn = z.output<typeof resourceGroupInSchema>['resourceGroup']
type GroupOut = z.output<typeof resourceGroupOutSchema>

const shownNamed = (row: Pick<ScopedRow, 'identifier' | 'name' | 'description' | 'tags'>) => ({
  identifier: row.identifier,
  name: row.name,
  description: row.description,
  tags: row.tags as Record<string, string>,
})
const titled = (identifier: string) => identifier.replace(/^_/, '').replaceAll('_', ' ')

export function roleKind(account: string): ScopedKind<RoleOut> {
  return {
    kind: 'role',
    title: 'Role',
    view: 'role.view',
    show: (place, row) => ({
      role: { ...shownNamed(row), ...(row.body as Pick<RoleOut['role'], 'permissions' | 'allowedScopeLevels'>) },
      scope: shownPlace(account, place),
      harnessManaged: false,
      ...shownTimes(row),
    }),
  }
}
/** Permissions stand as they were named, so that a client finds what it wrote. */
const roleValues = (place: ScopedPlace, { name, description, tags, permissions, allowedScopeLevels }: RoleIn) => ({
  name,
  description,
  tags,
  body: { permissions: permissions ?? [], allowedScopeLevels: allowedScopeLevels ?? [levelOf(place)] },
})

function builtInRole(account: string, identifier: string): RoleOut | undefined {
  const permissions = builtInRoles[identifier]
  if (!permissions) return undefined
  const level = /^_(account|organization|project)_/.exec(identifier)?.[1] as 'account' | undefined
  return {
    role: {
      identifier,
      name: titled(identifier),
      description: 'Built-in.',
      tags: {},
      permissions: [...permissions],
      allowedScopeLevels: level ? [level] : ['account', 'organization', 'project'],
    },
    scope: shownPlace(account, { org: undefined, project: undefined }),
    harnessManaged: true,
    createdAt: 0,
    lastModifiedAt: 0,
  }
}

export function resourceGroupKind(account: string): ScopedKind<GroupOut> {
  return {
    kind: 'resource-group',
    title: 'Resource group',
    view: 'resource-group.view',
    show: (place, row) => {
      const body = row.body as Pick<
        GroupOut['resourceGroup'],
        'color' | 'allowedScopeLevels' | 'includedScopes' | 'resourceFilter'
      >
      return {
        resourceGroup: { ...shownPlace(account, place), ...shownNamed(row), ...body },
        harnessManaged: false,
        ...shownTimes(row),
      }
    },
  }
}
function groupValues(account: string, place: ScopedPlace, group: GroupIn) {
  const { name, description, tags, color, allowedScopeLevels, includedScopes, resourceFilter } = group
  const own = { filter: 'EXCLUDING_CHILD_SCOPES', ...shownPlace(account, place) }
  const filter = resourceFilter ?? {}
  return {
    name,
    description,
    tags,
    body: {
      color: color || '#0063F7',
      allowedScopeLevels: allowedScopeLevels ?? [levelOf(place)],
      includedScopes: includedScopes?.length ? includedScopes : [own],
      resourceFilter: { ...filter, includeAllResources: filter.includeAllResources ?? false },
    },
  }
}
function builtInGroup(account: string, identifier: string): GroupOut | undefined {
  const reach = builtInResourceGroups[identifier]
  if (!reach) return undefined
  const filter = reach === 'below' ? 'INCLUDING_CHILD_SCOPES' : 'EXCLUDING_CHILD_SCOPES'
  return {
    resourceGroup: {
      ...shownPlace(account, { org: undefined, project: undefined }),
      identifier,
      name: titled(identifier),
      description: 'Built-in.',
      tags: {},
      color: '#0063F7',
      allowedScopeLevels: ['account', 'organization', 'project'],
      includedScopes: [{ filter }],
      resourceFilter: { includeAllResources: true },
    },
    harnessManaged: true,
    createdAt: 0,
    lastModifiedAt: 0,
  }
}

function refuseBuiltIn(identifier: string): void {
  if (!identifier.startsWith('_')) return
  throw new Fault('invalid-input', `${identifier}: identifiers that begin with _ belong to what is built in.`)
}
/** What an assignment of the role in its own scope could give. */
const grantOfRole = (place: ScopedPlace, permissions: readonly string[] | null | undefined) => ({
  org: place.org,
  project: place.project,
  below: false,
  permissions: new Set((permissions ?? []).flatMap((name) => permissionNamed(name) ?? [])),
})

type Names =
  | 'listRoles'
  | 'createRole'
  | 'getRole'
  | 'updateRole'
  | 'deleteRole'
  | 'listResourceGroups'
  | 'createResourceGroup'
  | 'getResourceGroup'
  | 'updateResourceGroup'
  | 'deleteResourceGroup'

export function roleHandlers(store: Store, account: string): ApiHandlers<Names> {
  const role = roleKind(account)
  const group = resourceGroupKind(account)
  return {
    listRoles: async ({ query, caller }) => listScoped(store, role, await findPlace(store.db, query), query, caller),
    createRole: ({ query, body, caller }) =>
      store.transaction(async (tx) => {
        refuseBuiltIn(body.identifier)
        const place = await findPlace(tx, query)
        refuseMoreThanOwn(caller, [grantOfRole(place, body.permissions)], 'The role')
        return role.show(place, await createScoped(tx, role, place, body.identifier, roleValues(place, body), caller))
      }),
    getRole: async ({ params, query }) => {
      const place = await findPlace(store.db, query)
      return (
        builtInRole(account, params.identifier) ??
        role.show(place, await readScoped(store.db, role, place, params.identifier))
      )
    },
    updateRole: ({ params, query, body, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query)
        const identifier = params.identifier ?? body.identifier
        refuseBuiltIn(identifier)
        refuseMoreThanOwn(caller, [grantOfRole(place, body.permissions)], 'The role')
        const row = await updateScoped(tx, role, place, identifier, () => roleValues(place, body), caller)
        await refuseMoreByUse(tx, caller, sql`assignment.role_id = ${row.id}`, 'The role')
        return role.show(place, row)
      }),
    deleteRole: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query)
        return role.show(place, await deleteScoped(tx, role, place, params.identifier, caller))
      }),
    listResourceGroups: async ({ query, caller }) =>
      listScoped(store, group, await findPlace(store.db, query), query, caller),
    createResourceGroup: ({ query, body: { resourceGroup }, caller }) =>
      store.transaction(async (tx) => {
        refuseBuiltIn(resourceGroup.identifier)
        const place = await findPlace(tx, query, resourceGroup)
        const values = groupValues(account, place, resourceGroup)
        return group.show(place, await createScoped(tx, group, place, resourceGroup.identifier, values, caller))
      }),
    getResourceGroup: async ({ params, query }) => {
      const place = await findPlace(store.db, query)
      return (
        builtInGroup(account, params.identifier) ??
        group.show(place, await readScoped(store.db, group, place, params.identifier))
      )
    },
    updateResourceGroup: ({ params, query, body: { resourceGroup }, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query, resourceGroup)
        const identifier = params.identifier ?? resourceGroup.identifier
        refuseBuiltIn(identifier)
        const values = groupValues(account, place, resourceGroup)
        const row = await updateScoped(tx, group, place, identifier, () => values, caller)
        await refuseMoreByUse(tx, caller, sql`assignment.resource_group_id = ${row.id}`, 'The resource group')
        return group.show(place, row)
      }),
    deleteResourceGroup: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        await deleteScoped(tx, group, await findPlace(tx, query), params.identifier, caller)
        return true as const
      }),
  }
}
