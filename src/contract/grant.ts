// What somebody may do where, by their grants. The server decides by it, and the web offers no more than that.
import { z } from 'zod'
import { type Permission, permissionSchema, type Resource, resourceOf } from './permission.ts'

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

/** `inner` is `outer` or in it. */
export function reaches(outer: Scope, inner: Scope): boolean {
  if (outer.org === undefined) return true
  if (outer.org !== inner.org) return false
  return outer.project === undefined || outer.project === inner.project
}

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

/** A grant as it travels. A kind of resource without a list has all of them. */
export const grantSchema = z.object({
  org: z.string().optional(),
  project: z.string().optional(),
  below: z.boolean(),
  permissions: z.array(permissionSchema),
  resources: z.record(z.string(), z.union([z.literal('all'), z.array(z.string())])).optional(),
})

export const writeGrant = ({ org, project, below, permissions, resources }: Grant): z.output<typeof grantSchema> => ({
  ...(org === undefined ? {} : { org }),
  ...(project === undefined ? {} : { project }),
  below,
  permissions: [...permissions],
  ...(resources
    ? {
        resources: Object.fromEntries(
          [...resources].map(([kind, named]) => [kind, named === 'all' ? named : [...named]]),
        ),
      }
    : {}),
})

export const readGrant = ({ permissions, resources, ...scope }: z.output<typeof grantSchema>): Grant => ({
  ...scope,
  permissions: new Set(permissions),
  ...(resources
    ? {
        resources: new Map(
          Object.entries(resources).map(([kind, named]) => [
            kind as Resource,
            named === 'all' ? named : new Set(named),
          ]),
        ),
      }
    : {}),
})
