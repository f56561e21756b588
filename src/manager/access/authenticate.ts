// Finds out who calls: session cookie, API key, access token of a delegate or token of an attempt. At most one query each.
import { sql } from 'kysely'
import type { Endpoint } from '#contract/endpoint'
import { Fault } from '#contract/fault'
import type { Role } from '#contract/permission'
import { authenticateAttempt, authenticateDelegate, type KnownProtocolTokens } from '../delegate/authenticate.ts'
import type { Caller } from '../http/handler.ts'
import type { Authenticate } from '../http/mount.ts'
import type { Store } from '../store/port.ts'
import { allGrants, assignmentsOf } from './assignment.ts'
import { anywhere } from '#contract/grant'
import { hashToken, sameText } from './token.ts'

export const sessionCookie = 'sluice_session'
export const csrfHeader = 'x-csrf-token'

type Db = Store['db']
type Credentials =
  | { readonly kind: 'api-key'; readonly token: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'session'; readonly token: string }

export function readCookie(request: Request, name: string): string | undefined {
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const [key, value] = pair.split('=', 2)
    if (key?.trim() === name && value) return value.trim()
  }
  return undefined
}

/** The first that is there: header before cookie, so that a script in a browser can act with a key of its own. */
function credentialsOf(request: Request): Credentials | undefined {
  const key = request.headers.get('x-api-key')
  if (key) return { kind: 'api-key', token: key.trim() }
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (bearer) return { kind: /^[ps]at\./.test(bearer) ? 'api-key' : 'bearer', token: bearer }
  const session = readCookie(request, sessionCookie)
  return session === undefined ? undefined : { kind: 'session', token: session }
}

const base = {
  permissions: new Set<never>(),
  grants: [],
  principal: undefined,
  user: undefined,
  session: undefined,
  delegate: undefined,
  attempt: undefined,
}

const ofUser = assignmentsOf({ kind: 'user', id: sql.ref('user_account.id') }).as('assignments')

function userOf(row: { id: string; email: string; name: string; role: string; assignments: unknown }) {
  const { id, email, name } = row
  const role = row.role as Role
  const grants = allGrants(role, row.assignments)
  const principal = { kind: 'user' as const, id, email, name }
  return { user: { id, email, name, role }, principal, grants, permissions: anywhere(grants) }
}

async function bySession(db: Db, token: string, sourceAddress: string): Promise<Caller | undefined> {
  const tokenHash = hashToken(token)
  const row = await db
    .selectFrom('user_session')
    .innerJoin('user_account', 'user_account.id', 'user_session.user_id')
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', sql<Date>`now()`)
    .select(['user_account.id', 'email', 'name', 'role', 'csrf_token'])
    .select(ofUser)
    .executeTakeFirst()
  if (!row) return undefined
  const session = { tokenHash, csrfToken: row.csrf_token }
  return { ...base, ...userOf(row), actor: { type: 'user', name: row.email }, session, sourceAddress }
}

async function byApiKey(db: Db, token: string, sourceAddress: string): Promise<Caller | undefined> {
  const row = await db
    .selectFrom('api_key')
    .innerJoin('user_account', 'user_account.id', 'api_key.user_id')
    .where('token_hash', '=', hashToken(token))
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', sql<Date>`now()`)]))
    .select(['user_account.id', 'email', 'user_account.name', 'role', 'api_key.id as key', 'identifier', 'expires_at'])
    .select(ofUser)
    .select(sql<boolean>`last_used_at is null or last_used_at < now() - interval '1 minute'`.as('stale'))
    .executeTakeFirst()
  if (!row) return byAccessToken(db, token, sourceAddress)
  // To the minute, so that a busy key does not write with every request.
  if (row.stale) await db.updateTable('api_key').set({ last_used_at: sql`now()` }).where('id', '=', row.key).execute()
  const actor = { type: 'api-key' as const, name: `${row.email}/${row.identifier}` }
  return { ...base, ...userOf(row), ...endOf(row.expires_at), actor, sourceAddress }
}

/** A token of a key: of a user (`pat.`) or of a service account (`sat.`). */
async function byAccessToken(db: Db, token: string, sourceAddress: string): Promise<Caller | undefined> {
  const hash = hashToken(token)
  const row = await db
    .selectFrom('access_token')
    .innerJoin('access_key', 'access_key.id', 'access_token.key_id')
    .leftJoin('user_account', 'user_account.id', 'access_key.user_id')
    .leftJoin('scoped_entity as account', 'account.id', 'access_key.service_account_id')
    .where(sql<boolean>`(token_hash = ${hash} or (previous_hash = ${hash} and previous_until > now()))`)
    .where(sql<boolean>`valid_from <= now() and (valid_to is null or valid_to > now())`)
    // A value from before a rotation ends with the time that it was given.
    .select(sql<Date | null>`least(valid_to, case when token_hash <> ${hash} then previous_until end)`.as('end'))
    .select(['access_token.id as token', 'access_key.identifier as key', 'access_token.identifier as identifier'])
    .select(['user_account.id', 'email', 'user_account.name', 'role'])
    .select(['account.id as account', 'account.name as accountName', sql<string>`account.body ->> 'email'`.as('mail')])
    .select(sql<boolean>`last_used_at is null or last_used_at < now() - interval '1 minute'`.as('stale'))
    .select(ofUser)
    .select(assignmentsOf({ kind: 'service-account', id: sql.ref('account.id') }).as('accountAssignments'))
    .executeTakeFirst()
  if (!row) return undefined
  if (row.stale)
    await db.updateTable('access_token').set({ last_used_at: sql`now()` }).where('id', '=', row.token).execute()
  const { id, email, name, role, account, accountName, key, identifier, assignments } = row
  if (id !== null && email !== null && name !== null && role !== null) {
    const actor = { type: 'api-key' as const, name: `${email}/${key}/${identifier}` }
    return { ...base, ...userOf({ id, email, name, role, assignments }), ...endOf(row.end), actor, sourceAddress }
  }
  if (account === null || accountName === null) return undefined
  const grants = allGrants(undefined, row.accountAssignments)
  const principal = { kind: 'service-account' as const, id: account, email: row.mail, name: accountName }
  const actor = { type: 'api-key' as const, name: `${row.mail}/${key}/${identifier}` }
  return { ...base, principal, grants, permissions: anywhere(grants), ...endOf(row.end), actor, sourceAddress }
}

const endOf = (end: Date | null) => (end === null ? {} : { keyEndsAt: end })

/** A change under a cookie must carry the token that only our own pages can read. */
function checkCsrf(request: Request, target: Endpoint, caller: Caller): void {
  if (!caller.session || target.method === 'GET') return
  const sent = request.headers.get(csrfHeader)
  if (sent === null || !sameText(sent, caller.session.csrfToken))
    throw new Fault('forbidden', `The header ${csrfHeader} is missing or does not belong to this session.`, {
      hint: 'Read the session again (GET /v1/session) and send its csrfToken with every change.',
    })
}

const refusals: Readonly<Record<Credentials['kind'], string>> = {
  'api-key': 'The API key is not valid, has expired or was revoked.',
  bearer: 'The token is not valid here, has expired or was replaced.',
  session: 'The session has ended.',
}

async function find(
  db: Db,
  { kind, token }: Credentials,
  target: Endpoint,
  attempt: string,
  sourceAddress: string,
  known: KnownProtocolTokens | undefined,
): Promise<Caller | undefined> {
  if (kind === 'session') return bySession(db, token, sourceAddress)
  if (kind === 'api-key') return byApiKey(db, token, sourceAddress)
  const found =
    target.access === 'attempt'
      ? await authenticateAttempt(db, token, attempt, known)
      : await authenticateDelegate(db, token, known)
  return found && { ...base, ...found, sourceAddress }
}

/** The authenticator that `createApp` and `startServer` need. */
export function createAuthenticate(store: Store, known?: KnownProtocolTokens): Authenticate {
  const { db } = store
  return async (request, target, params, sourceAddress) => {
    const credentials = credentialsOf(request)
    if (!credentials) return undefined
    const caller = await find(db, credentials, target, params['attempt'] ?? '', sourceAddress, known)
    if (!caller) throw new Fault('unauthenticated', refusals[credentials.kind])
    checkCsrf(request, target, caller)
    return caller
  }
}
