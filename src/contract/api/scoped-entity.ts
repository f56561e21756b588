// What lives in the account, an organization or a project and is addressed like the platform services do: environments, services,
// user groups, service accounts, roles, resource groups and role assignments (wire contract 2.5).
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import type { Permission } from '../permission.ts'
import { platformListQuerySchema, platformQuerySchema } from '../platform.ts'
import {
  environmentInSchema,
  environmentOutSchema,
  resourceGroupInSchema,
  resourceGroupOutSchema,
  roleAssignmentInSchema,
  roleAssignmentOutSchema,
  roleInSchema,
  roleOutSchema,
  serviceAccountAggregateSchema,
  serviceAccountInSchema,
  serviceAccountOutSchema,
  serviceInSchema,
  serviceOutSchema,
  userGroupInSchema,
  userGroupOutSchema,
} from './scoped-entity-schema.ts'
import { noParamsSchema } from './scope.ts'

interface Kind<In extends z.ZodType, Out extends z.ZodType, Removed extends z.ZodType> {
  /** `Environment`, and its plural. */
  readonly name: string
  readonly plural: string
  readonly title: string
  readonly tag: string
  readonly path: string
  /** Path of one of them to read, when it is not `path` and the identifier. */
  readonly readPath?: string
  readonly view: Permission
  readonly edit: Permission
  readonly remove: Permission
  readonly body: In
  /** Where the body holds the entity: '' is the body itself. */
  readonly bodyKey: string
  readonly reply: Out
  readonly removed: Removed
  /** The identifier stands in the body of PUT, not in its path. */
  readonly putWithoutId?: true
}
const oneParams = z.object({ identifier: z.string().min(1).max(128) })
const someParams = z.object({ identifier: z.string().max(128).optional() })

function family<In extends z.ZodType, Out extends z.ZodType, Removed extends z.ZodType>(kind: Kind<In, Out, Removed>) {
  const { name, plural, title, tag, path, view, edit, body, reply } = kind
  const one = `${path}/{identifier}`
  const base = { tag, envelope: 'platform', status: 200, query: platformQuerySchema } as const
  return {
    list: endpoint({
      ...base,
      name: `list${plural}`,
      method: 'GET',
      path,
      summary: `List ${title}s`,
      access: view,
      params: noParamsSchema,
      query: platformListQuerySchema,
      reply: z.array(reply),
      paged: true,
      filtered: true,
    }),
    create: endpoint({
      ...base,
      name: `create${name}`,
      method: 'POST',
      path,
      summary: `Create a ${title}`,
      access: edit,
      params: noParamsSchema,
      body,
      scopeInBody: kind.bodyKey,
      reply,
    }),
    get: endpoint({
      ...base,
      name: `get${name}`,
      method: 'GET',
      path: kind.readPath ?? one,
      summary: `Read a ${title}`,
      access: view,
      params: oneParams,
      reply,
    }),
    update: endpoint({
      ...base,
      name: `update${name}`,
      method: 'PUT',
      path: kind.putWithoutId ? path : one,
      summary: `Replace a ${title}`,
      access: edit,
      params: (kind.putWithoutId ? noParamsSchema : oneParams) as unknown as typeof someParams,
      body,
      scopeInBody: kind.bodyKey,
      reply,
    }),
    remove: endpoint({
      ...base,
      name: `delete${name}`,
      method: 'DELETE',
      path: one,
      summary: `Delete a ${title}`,
      access: kind.remove,
      params: oneParams,
      reply: kind.removed,
    }),
  }
}

const done = z.literal(true)
const environment = family({
  name: 'Environment',
  plural: 'Environments',
  title: 'environment',
  tag: 'Environments and services',
  path: '/ng/api/environmentsV2',
  view: 'environment.view',
  edit: 'environment.edit',
  remove: 'environment.delete',
  body: environmentInSchema,
  bodyKey: '',
  reply: environmentOutSchema,
  removed: done,
  putWithoutId: true,
})
const service = family({
  name: 'Service',
  plural: 'Services',
  title: 'service',
  tag: 'Environments and services',
  path: '/ng/api/servicesV2',
  view: 'service.view',
  edit: 'service.edit',
  remove: 'service.delete',
  body: serviceInSchema,
  bodyKey: '',
  reply: serviceOutSchema,
  removed: done,
  putWithoutId: true,
})
const userGroup = family({
  name: 'UserGroup',
  plural: 'UserGroups',
  title: 'user group',
  tag: 'Access',
  path: '/ng/api/user-groups',
  view: 'group.view',
  edit: 'group.edit',
  remove: 'group.edit',
  body: userGroupInSchema,
  bodyKey: '',
  reply: userGroupOutSchema,
  removed: userGroupOutSchema,
  putWithoutId: true,
})
const role = family({
  name: 'Role',
  plural: 'Roles',
  title: 'role',
  tag: 'Access',
  path: '/authz/api/roles',
  view: 'role.view',
  edit: 'role.edit',
  remove: 'role.edit',
  body: roleInSchema,
  bodyKey: '',
  reply: roleOutSchema,
  removed: roleOutSchema,
})
const resourceGroup = family({
  name: 'ResourceGroup',
  plural: 'ResourceGroups',
  title: 'resource group',
  tag: 'Access',
  path: '/resourcegroup/api/v2/resourcegroup',
  view: 'resource-group.view',
  edit: 'resource-group.edit',
  remove: 'resource-group.edit',
  body: resourceGroupInSchema,
  bodyKey: 'resourceGroup',
  reply: resourceGroupOutSchema,
  removed: done,
})
const roleAssignment = family({
  name: 'RoleAssignment',
  plural: 'RoleAssignments',
  title: 'role assignment',
  tag: 'Access',
  path: '/authz/api/roleassignments',
  view: 'assignment.view',
  edit: 'assignment.edit',
  remove: 'assignment.edit',
  body: roleAssignmentInSchema,
  bodyKey: '',
  reply: roleAssignmentOutSchema,
  removed: roleAssignmentOutSchema,
})
const serviceAccount = family({
  name: 'ServiceAccount',
  plural: 'ServiceAccountAggregates',
  title: 'service account',
  tag: 'Access',
  path: '/ng/api/serviceaccount',
  view: 'service-account.view',
  edit: 'service-account.edit',
  remove: 'service-account.edit',
  body: serviceAccountInSchema,
  bodyKey: '',
  reply: serviceAccountOutSchema,
  removed: done,
})
const accountBase = {
  tag: 'Access',
  envelope: 'platform',
  status: 200,
  method: 'GET',
  access: 'service-account.view',
} as const

export const scopedEntityEndpoints = {
  listEnvironments: environment.list,
  createEnvironment: environment.create,
  getEnvironment: environment.get,
  updateEnvironment: environment.update,
  deleteEnvironment: environment.remove,
  listServices: service.list,
  createService: service.create,
  getService: service.get,
  updateService: service.update,
  deleteService: service.remove,
  listUserGroups: userGroup.list,
  createUserGroup: userGroup.create,
  getUserGroup: userGroup.get,
  updateUserGroup: userGroup.update,
  deleteUserGroup: userGroup.remove,
  listRoles: role.list,
  createRole: role.create,
  getRole: role.get,
  updateRole: role.update,
  deleteRole: role.remove,
  listResourceGroups: resourceGroup.list,
  createResourceGroup: resourceGroup.create,
  getResourceGroup: resourceGroup.get,
  updateResourceGroup: resourceGroup.update,
  deleteResourceGroup: resourceGroup.remove,
  listRoleAssignments: roleAssignment.list,
  createRoleAssignment: roleAssignment.create,
  getRoleAssignment: roleAssignment.get,
  updateRoleAssignment: roleAssignment.update,
  deleteRoleAssignment: roleAssignment.remove,
  createServiceAccount: serviceAccount.create,
  updateServiceAccount: serviceAccount.update,
  deleteServiceAccount: serviceAccount.remove,
  listServiceAccounts: endpoint({
    ...accountBase,
    name: 'listServiceAccounts',
    path: '/ng/api/serviceaccount',
    summary: 'List service accounts, all at once; at most 1,000',
    params: noParamsSchema,
    query: platformListQuerySchema,
    reply: z.array(serviceAccountOutSchema),
  }),
  listServiceAccountAggregates: endpoint({
    ...accountBase,
    name: 'listServiceAccountAggregates',
    path: '/ng/api/serviceaccount/aggregate',
    summary: 'List service accounts with the number of their tokens',
    params: noParamsSchema,
    query: platformListQuerySchema,
    reply: z.array(serviceAccountAggregateSchema),
    paged: true,
  }),
  getServiceAccount: endpoint({
    ...accountBase,
    name: 'getServiceAccount',
    path: '/ng/api/serviceaccount/aggregate/{identifier}',
    summary: 'Read a service account',
    params: oneParams,
    query: platformQuerySchema,
    reply: serviceAccountAggregateSchema,
  }),
}
