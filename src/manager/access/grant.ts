// What somebody may do where: grants are made from roles, resource groups and assignments, and only ever add.
import {
  builtInResourceGroups,
  builtInRoles,
  type Permission,
  permissionNamed,
  type Resource,
  resourceOf,
  resourceTypes,
  type Role,
  roles,
} from '#contract/permission'

/** The account, an organization of it, or a project of that. */
export interface Scope {
  readonly org?: string | undefined
  readonly project?: string | undefined
}
export interface Grant extends Scope {
  readonly permissions: ReadonlySet<Permission>
  /** Also in the scopes below. */
  readonly below: boolean
  /** Absent: every resource. Otherwise for each kind of resource all of them or those with these identifiers. */
  readonly resources?: ReadonlyMap<Resource, 'all' | ReadonlySet<string>>
}
/** A place where something is to be done, and the identifier of the one resource, if it is about one. */
export interface Place extends Scope {
  readonly identifier?: string | undefined
}

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

/** An included scope outside of the scope of the assignment gives nothing: a project cannot hand out what is above it. */
function reaches(outer: Scope, inner: Scope): boolean {
  if (outer.org === undefined) return true
  if (outer.org !== inner.org) return false
  return outer.project === undefined || outer.project === inner.project
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
  return scopes
    .map((scope) => ({
      org: scope.orgIdentifier || undefined,
      project: scope.projectIdentifier || undefined,
      permissions,
      below: scope.filter === 'INCLUDING_CHILD_SCOPES',
      ...(resources ? { resources } : {}),
    }))
    .filter((grant) => reaches(own, grant))
}
const scopeKeys = ({ org, project }: Scope) => ({ orgIdentifier: org, projectIdentifier: project })

/** Everything that the other grant is about, in all the places that it reaches, is in this one too. */
export function isWithin(own: Grant, other: Grant): boolean {
  if (own.resources) return false
  return own.below ? reaches(own, other) : !other.below && isExactly(own, other)
}

const isExactly = (grant: Grant, { org, project }: Scope): boolean => grant.org === org && grant.project === project

/** An organization is seen from the account and from inside; a project from its organization and from inside. */
function covers(grant: Grant, resource: Resource, place: Place): boolean {
  if (grant.below && reaches(grant, place)) return true
  if (isExactly(grant, place)) return true
  if (resource === 'project' && place.project !== undefined) return isExactly(grant, { org: place.org })
  if (resource === 'organization') return isExactly(grant, {}) || grant.org === place.org
  return false
}

/** Whoever may see something in an organization or project sees these themselves: there is no other way to it. */
function namedIn({ resources }: Grant, permission: Permission): 'all' | ReadonlySet<string> | undefined {
  if (!resources) return 'all'
  const leadsThere = permission === 'organization.view' || permission === 'project.view'
  return resources.get(resourceOf(permission)) ?? (leadsThere ? 'all' : undefined)
}

/**
 * May this be done here? Without an identifier the grant must be for all resources of the kind, as creating one needs it;
 * `some` is content with a grant for any of them, because the list that is asked for leaves out the rest.
 */
export function mayDo(
  grants: readonly Grant[],
  permission: Permission,
  place: Place,
  some: boolean | undefined = false,
): boolean {
  const resource = resourceOf(permission)
  return grants.some((grant) => {
    if (!grant.permissions.has(permission)) return false
    if (!covers(grant, resource, place)) return some && isInside(grant, resource, place)
    const named = namedIn(grant, permission)
    if (named === undefined) return false
    return named === 'all' || some || (place.identifier !== undefined && named.has(place.identifier))
  })
}

/** Lists of organizations and projects lead to what is inside of them. */
function isInside(grant: Grant, resource: Resource, place: Place): boolean {
  if (resource === 'organization') return place.org === undefined
  if (resource === 'project') return place.project === undefined && (place.org === undefined || grant.org === place.org)
  return false
}

/** The identifiers that a list may show, or 'all'. An instance stands as `schema/instance`. */
export function visible(grants: readonly Grant[], permission: Permission, place: Scope): 'all' | ReadonlySet<string> {
  const resource = resourceOf(permission)
  const found = new Set<string>()
  for (const grant of grants) {
    if (!grant.permissions.has(permission)) continue
    if (covers(grant, resource, place)) {
      const named = namedIn(grant, permission)
      if (named === 'all') return 'all'
      for (const identifier of named ?? []) found.add(identifier)
    } else if (isInside(grant, resource, place)) {
      const inside = resource === 'organization' ? grant.org : grant.project
      if (inside !== undefined) found.add(inside)
    }
  }
  return found
}

/** All permissions somewhere: what a page shows at all. The server decides by the place. */
export function anywhere(grants: readonly Grant[]): ReadonlySet<Permission> {
  return new Set(grants.flatMap((grant) => [...grant.permissions]))
}
