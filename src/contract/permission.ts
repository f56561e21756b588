// Permissions: who may do what. Stands beside the endpoints, so that "which role may call what" is a generated table.
import { z } from 'zod'

/** `<resource>.<action>`. `preview`, `apply` and `rollback` of an instance can be assigned; runs do not ask for them yet. Nothing
 * asks for `api-key.edit` any more, as everybody keeps their own keys; roles that name it stay valid. */
export const permissions = [
  'organization.view',
  'organization.edit',
  'organization.delete',
  'project.view',
  'project.edit',
  'project.delete',
  'connector.view',
  'connector.edit',
  'connector.delete',
  'secret.view',
  'secret.edit',
  'secret.delete',
  'schema.view',
  'schema.edit',
  'schema.delete',
  'instance.view',
  'instance.edit',
  'instance.delete',
  'instance.preview',
  'instance.apply',
  'instance.rollback',
  'pipeline.view',
  'pipeline.edit',
  'pipeline.delete',
  'pipeline.execute',
  'pipeline.script',
  'approval.decide',
  'freeze.view',
  'freeze.edit',
  'freeze.override',
  'delegate.view',
  'delegate.edit',
  'delegate.delete',
  'environment.view',
  'environment.edit',
  'environment.delete',
  'service.view',
  'service.edit',
  'service.delete',
  'user.view',
  'user.edit',
  'group.view',
  'group.edit',
  'service-account.view',
  'service-account.edit',
  'role.view',
  'role.edit',
  'assignment.view',
  'assignment.edit',
  'resource-group.view',
  'resource-group.edit',
  'api-key.edit',
  'setting.view',
  'setting.edit',
  'audit.view',
] as const
export const permissionSchema = z.enum(permissions)
export type Permission = z.infer<typeof permissionSchema>
type ResourceOf<P> = P extends `${infer Name}.${string}` ? Name : never
/** What a permission is about: the part before the dot. */
export type Resource = ResourceOf<Permission>
export const resourceOf = (permission: Permission): Resource => permission.split('.', 1)[0] as Resource

const views = permissions.filter((permission) => permission.endsWith('.view'))
const runs = ['pipeline.execute', 'pipeline.script', 'instance.preview', 'instance.apply', 'instance.rollback'] as const
const editing = ['pipeline.edit', 'pipeline.delete', 'schema.edit', 'schema.delete'] as const

/** Built-in roles. One of them is what a user is in the whole account; a member has nothing but what is assigned. */
export const roles = {
  admin: permissions,
  developer: [...views, ...runs, ...editing],
  approver: [...views, 'approval.decide'],
  viewer: views,
  member: [],
} as const satisfies Record<string, readonly Permission[]>
export type Role = keyof typeof roles
export const roleSchema = z.enum(Object.keys(roles) as [Role, ...Role[]])

/** The built-in roles under the identifiers by which they are assigned; those of the compatible product among them. */
export const builtInRoles: Readonly<Record<string, readonly Permission[]>> = {
  _account_admin: permissions,
  _organization_admin: permissions,
  _project_admin: permissions,
  _account_viewer: views,
  _organization_viewer: views,
  _project_viewer: views,
  _pipeline_executor: [...views, ...runs],
  _developer: roles.developer,
  _approver: roles.approver,
}

const actions = (prefix: string, resource: Resource, names: Readonly<Record<string, string>>) =>
  Object.entries(names).map(([name, action]) => [`${prefix}_${name}`, `${resource}.${action}`])
const crud = { view: 'view', edit: 'edit', delete: 'delete' }
const noDelete = { view: 'view', edit: 'edit', delete: 'edit' }

/** The permissions of the compatible product in a custom role, and what they allow here. */
export const compatiblePermissions: Readonly<Record<string, Permission>> = Object.fromEntries([
  ...actions('dbops_schema', 'schema', crud),
  ...actions('dbops_instance', 'instance', crud),
  ...actions('core_organization', 'organization', { ...crud, create: 'edit' }),
  ...actions('core_project', 'project', { ...crud, create: 'edit' }),
  ...actions('core_pipeline', 'pipeline', { ...crud, execute: 'execute', abort: 'execute' }),
  ...actions('core_deploymentfreeze', 'freeze', { view: 'view', manage: 'edit', override: 'override', global: 'edit' }),
  ...actions('core_connector', 'connector', { ...crud, access: 'view' }),
  ...actions('core_secret', 'secret', { ...crud, access: 'view' }),
  ...actions('core_delegate', 'delegate', crud),
  ...actions('core_environment', 'environment', { ...crud, access: 'view' }),
  ...actions('core_service', 'service', { ...crud, access: 'view' }),
  ...actions('core_user', 'user', { view: 'view', manage: 'edit', invite: 'edit' }),
  ...actions('core_usergroup', 'group', { view: 'view', manage: 'edit' }),
  ...actions('core_serviceaccount', 'service-account', { ...noDelete, manageapikey: 'edit' }),
  ...actions('core_role', 'role', noDelete),
  ...actions('core_resourcegroup', 'resource-group', noDelete),
  ...actions('core_setting', 'setting', { view: 'view', edit: 'edit' }),
  ...actions('core_audit', 'audit', { view: 'view' }),
]) as Record<string, Permission>

/** A permission of a custom role by either name; undefined when nobody knows it. */
export function permissionNamed(name: string): Permission | undefined {
  return permissionSchema.safeParse(name).data ?? compatiblePermissions[name]
}

/** Types of resources as resource groups name them. */
export const resourceTypes: Readonly<Record<string, Resource>> = {
  ORGANIZATION: 'organization',
  PROJECT: 'project',
  CONNECTOR: 'connector',
  SECRET: 'secret',
  DATABASE_SCHEMA: 'schema',
  DATABASE_INSTANCE: 'instance',
  PIPELINE: 'pipeline',
  APPROVAL: 'approval',
  DEPLOYMENTFREEZE: 'freeze',
  DELEGATE: 'delegate',
  ENVIRONMENT: 'environment',
  SERVICE: 'service',
  USER: 'user',
  USERGROUP: 'group',
  SERVICEACCOUNT: 'service-account',
  ROLE: 'role',
  ROLEASSIGNMENT: 'assignment',
  RESOURCEGROUP: 'resource-group',
  APIKEY: 'api-key',
  SETTING: 'setting',
  AUDIT: 'audit',
}

/** Built-in resource groups: everything in the scope of the assignment, with or without the scopes below it. */
export const builtInResourceGroups: Readonly<Record<string, 'here' | 'below'>> = {
  _all_resources_including_child_scopes: 'below',
  _all_account_level_resources: 'here',
  _all_organization_level_resources: 'here',
  _all_project_level_resources: 'here',
}
