// Permissions: who may do what. Stands beside the endpoints, so that "which role may call what" is a generated table.
import { z } from 'zod'

export const permissions = [
  'organization.view',
  'organization.edit',
  'project.view',
  'project.edit',
  'connector.view',
  'connector.edit',
  'secret.view',
  'secret.edit',
  'schema.view',
  'schema.edit',
  'instance.view',
  'instance.edit',
  'pipeline.view',
  'pipeline.edit',
  'pipeline.execute',
  'approval.decide',
  'delegate.view',
  'delegate.edit',
  'user.edit',
  'api-key.edit',
  'audit.view',
] as const
export const permissionSchema = z.enum(permissions)
export type Permission = z.infer<typeof permissionSchema>

/** Built-in roles. Custom roles, resource groups and per-instance rights come with the control-plane issue. */
export const roles = {
  admin: permissions,
  developer: permissions.filter(
    (p) => p.endsWith('.view') || p === 'pipeline.execute' || p === 'pipeline.edit' || p === 'schema.edit',
  ),
  approver: permissions.filter((p) => p.endsWith('.view') || p === 'approval.decide'),
  viewer: permissions.filter((p) => p.endsWith('.view')),
} as const satisfies Record<string, readonly Permission[]>
export type Role = keyof typeof roles
export const roleSchema = z.enum(Object.keys(roles) as [Role, ...Role[]])
