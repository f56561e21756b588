// The grants of somebody, made from roles, resource groups and assignments; they only ever add.
import { type Grant, reaches, type Scope } from '#contract/grant'
import {
  builtInResourceGroups,
  builtInRoles,
  type Permission,
  permissionNamed,
  type Resource,
  resourceTypes,
  type Role,
  roles,
} from '#contract/permission'

/** An assignment as `assignmentsOf` reads it. Roles and resource groups are built-in ones by name, or come with their content. */
export interface Assignment {
  readonly org: string | null
  readonly project: string | null
  readonly role: string | null
  readonly permissions: readonly string[] | null
  readonly group: string | null
  readonly content: ResourceGroupContent | null
}
/** What a resource group holds, as it is stored and shown. */
export interface ResourceGroupContent {
  readonly includedScopes?:
    | readonly {
        readonly filter: string
        readonly orgIdentifier?: string | undefined
        readonly projectIdentifier?: string | undefined
      }[]
    | undefined
  readonly resourceFilter?:
    | {
        readonly includeAllResources?: boolean | undefined
        readonly resources?:
          | readonly { readonly resourceType: string; readonly identifiers?: readonly string[] | null | undefined }[]
          | undefined
      }
    | undefined
}

/** What a user may do everywhere by the role in the account. */
export const accountGrant = (role: Role): Grant => ({ permissions: new Set<Permission>(roles[role]), below: true })

function resourcesOf(filter: ResourceGroupContent['resourceFilter']): Grant['resources'] {
  if (filter?.includeAllResources) return undefined
  const found = new Map<Resource, 'all' | ReadonlySet<string>>()
  for (const { resourceType, identifiers } of filter?.resources ?? []) {
    const resource = resourceTypes[resourceType]
    if (resource) found.set(resource, identifiers && identifiers.length > 0 ? new Set(identifiers) : 'all')
  }
  return found
}

/** The grants of one assignment: one for each scope that its resource group includes. */
export function grantsOf(assignment: Assignment): Grant[] {
  const own: Scope = { org: assignment.org ?? undefined, project: assignment.project ?? undefined }
  const named = assignment.role === null ? undefined : builtInRoles[assignment.role]
  const given = named ?? (assignment.permissions ?? []).flatMap((name) => permissionNamed(name) ?? [])
  const permissions = new Set(given)
  const builtIn = assignment.group === null ? undefined : builtInResourceGroups[assignment.group]
  if (builtIn) return [{ ...own, permissions, below: builtIn === 'below' }]
  const { includedScopes, resourceFilter } = assignment.content ?? {}
  const resources = resourcesOf(resourceFilter)
  const scopes = includedScopes?.length ? includedScopes : [{ filter: 'EXCLUDING_CHILD_SCOPES', ...scopeKeys(own) }]
  return (
    scopes
      .map((scope) => ({
        org: scope.orgIdentifier || undefined,
        project: scope.projectIdentifier || undefined,
        permissions,
        below: scope.filter === 'INCLUDING_CHILD_SCOPES',
        ...(resources ? { resources } : {}),
      }))
      // An included scope outside of the scope of the assignment gives nothing: a project cannot hand out what is above it.
      .filter((grant) => reaches(own, grant))
  )
}
const scopeKeys = ({ org, project }: Scope) => ({ orgIdentifier: org, projectIdentifier: project })
