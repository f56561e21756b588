// May this caller use this endpoint? The rule stands beside the endpoint in the contract; here it is only applied.
import type { Endpoint } from '#contract/endpoint'
import { Fault } from '#contract/fault'
import { type Permission, type Resource, resourceOf } from '#contract/permission'
import type { Caller } from '../http/handler.ts'
import { isWithin, mayDo, type Place, type Scope } from '#contract/grant'

const signInFirst = 'This needs a sign-in or an API key, and the request carries none.'

/** The request before it is checked: path, query, and the body of endpoints that name their scope in it. */
interface Given {
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Parameter of the path that names the one resource. */
const parameters: Partial<Record<Resource, string>> = {
  organization: 'org',
  project: 'project',
  schema: 'dbschema',
  connector: 'connector',
  secret: 'secret',
  pipeline: 'pipeline',
  freeze: 'freeze',
}

function identifierIn(target: Endpoint, resource: Resource, { params, query }: Given): string | undefined {
  if (target.identifierInQuery !== undefined) return query[target.identifierInQuery]
  if (resource !== 'instance') return params[parameters[resource] ?? ''] ?? params['identifier']
  const { dbschema, dbinstance } = params
  return dbschema === undefined || dbinstance === undefined ? undefined : `${dbschema}/${dbinstance}`
}

const textIn = (object: unknown, key: string): string | undefined => {
  const value = (object as Record<string, unknown> | null | undefined)?.[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Where the call wants to do something: path first, then query, then body. */
export function placeOf(target: Endpoint, given: Given): Place {
  const { params, query, body } = given
  const inBody = target.scopeInBody ? textObject(body, target.scopeInBody) : body
  const platform = target.envelope !== undefined
  const org = platform ? oneOf('orgIdentifier', params['org'], query, inBody) : params['org']
  const project = platform ? oneOf('projectIdentifier', params['project'], query, inBody) : params['project']
  if (target.access === 'public' || !target.access.includes('.')) return { org, project }
  const resource = resourceOf(target.access as Parameters<typeof resourceOf>[0])
  const replaces = target.method === 'PUT' && target.scopeInBody !== undefined
  return {
    org,
    project,
    identifier: identifierIn(target, resource, given) ?? (replaces ? textIn(inBody, 'identifier') : undefined),
  }
}
/** Said twice it must be the same: what is permitted and what is done would be two things otherwise. */
function oneOf(key: string, inPath: string | undefined, query: unknown, body: unknown): string | undefined {
  const said = [inPath, textIn(query, key), textIn(body, key)].filter((value) => value !== undefined)
  if (new Set(said).size > 1)
    throw new Fault('invalid-input', `${key} is ${said[0]} in one place of the request and ${said[1]} in another.`)
  return said[0]
}
const textObject = (body: unknown, key: string): unknown => (body as Record<string, unknown> | null | undefined)?.[key]

/** Raises `unauthenticated` when there is nobody, `forbidden` when there is somebody who may not. */
export function permit(target: Endpoint, given: Given, caller: Caller): void {
  const { access } = target
  if (access === 'public') return
  if (!caller.principal && !caller.delegate && !caller.attempt) throw new Fault('unauthenticated', signInFirst)
  if (access === 'signed-in') {
    if (!caller.principal) throw new Fault('forbidden', 'Only a signed-in user may do this.')
    return
  }
  if (access === 'delegate') {
    if (!caller.delegate) throw new Fault('forbidden', 'Only a delegate may do this, with its access token.')
    return
  }
  if (access === 'attempt') {
    if (caller.attempt?.id !== given.params['attempt'])
      throw new Fault('forbidden', 'Only the step of this attempt may do this, with the token of the attempt.')
    return
  }
  const place = placeOf(target, given)
  if (!mayDo(caller.grants, access, place, target.filtered))
    throw new Fault('forbidden', `The permission ${access} is missing${whereIs(place)}.`)
}

/** What only the handler can find out where it is, asks for the right there. */
export function requireAt(caller: Caller, permission: Permission, place: Place): void {
  if (!mayDo(caller.grants, permission, place))
    throw new Fault('forbidden', `The permission ${permission} is missing${whereIs(place)}.`)
}

/** What shows every scope below at once needs a right that reaches them: one for the account or organization alone does not. */
export function requireBelow(caller: Caller, permission: Permission, scope: Scope): void {
  const wanted = { org: scope.org, project: scope.project, below: true, permissions: new Set([permission]) }
  if (caller.grants.some((own) => own.permissions.has(permission) && isWithin(own, wanted))) return
  throw new Fault('forbidden', `The permission ${permission} is missing${whereIs(scope)} and in the scopes below it.`)
}

function whereIs({ org, project, identifier }: Place): string {
  const scope =
    project !== undefined ? ` in the project ${project}` : org !== undefined ? ` in the organization ${org}` : ''
  return `${identifier === undefined ? '' : ` for ${identifier.slice(0, 300)}`}${scope}`
}
