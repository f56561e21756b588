// Sign-in with OpenID Connect: the browser goes to the provider and comes back with a code that only we, and only once, can use.
import { sql } from 'kysely'
import { Fault } from '#contract/fault'
import type { Role } from '#contract/permission'
import { readCookie } from '../access/authenticate.ts'
import { createToken, hashToken, type RandomBytes, sameText } from '../access/token.ts'
import { recordEvent, systemActor } from '../audit/record.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import type { Store, StoreTransaction } from '../store/port.ts'
import type { Provider, ProviderIdentity, SignInStart } from './provider.ts'
import { insertUser, normalEmail } from './user.ts'
import { followGroups } from './user-group.ts'

const stateCookie = 'sluice_sign_in'
const path = '/v1/session/oidc'
/** Minutes that somebody has to sign in at the provider. */
const minutes = 10

export interface OidcOptions {
  readonly store: Store
  readonly random: RandomBytes
  readonly secure: boolean
  /** Absent: sign-in with e-mail and password only. */
  readonly provider: Provider | undefined
  /** Starts the session of a user and sets its cookie. */
  readonly startSession: (
    caller: Caller,
    userId: string,
    setHeader: (name: string, value: string) => void,
  ) => Promise<void>
}

/** A user who signs in for the first time has nothing but what is assigned to groups. */
const firstRole: Role = 'member'

const cookie = (value: string, seconds: number, secure: boolean): string =>
  `${stateCookie}=${value}; Path=${path}; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure ? '; Secure' : ''}`

/** Only a path of ours, so that a link to the sign-in cannot lead anywhere else. */
export function safeReturn(given: string | undefined): string {
  if (given === undefined || !/^\/(?![/\\])[^\s\\]*$/.test(given)) return '/'
  return given
}

function needed(provider: Provider | undefined): Provider {
  if (provider) return provider
  throw new Fault('not-offered', 'Sign-in with a provider is not set up here.', {
    hint: 'Set SLUICE_OIDC_ISSUER, SLUICE_OIDC_CLIENT_ID and SLUICE_OIDC_CLIENT_SECRET_FILE, and restart the manager.',
  })
}

async function remember(store: Store, start: SignInStart, returnTo: string): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.deleteFrom('sign_in_request').where('expires_at', '<', sql<Date>`now()`).execute()
    await tx
      .insertInto('sign_in_request')
      .values({
        state_hash: hashToken(start.state),
        nonce: start.nonce,
        code_verifier: start.verifier,
        return_to: returnTo,
        expires_at: sql<Date>`now() + make_interval(mins => ${minutes})`,
      })
      .execute()
  })
}

/** Each state is good for one return of the browser that it was given to. */
async function recall(store: Store, request: Request, state: string) {
  const own = readCookie(request, stateCookie)
  const refused = new Fault('unauthenticated', 'This sign-in was not begun here, is over, or took too long.', {
    hint: 'Begin again from the sign-in page.',
  })
  if (own === undefined || !sameText(own, state)) throw refused
  const row = await store.db
    .deleteFrom('sign_in_request')
    .where('state_hash', '=', hashToken(state))
    .where('expires_at', '>', sql<Date>`now()`)
    .returning(['nonce', 'code_verifier', 'return_to'])
    .executeTakeFirst()
  if (!row) throw refused
  return { start: { state, nonce: row.nonce, verifier: row.code_verifier }, returnTo: row.return_to }
}

/**
 * The user of an identity. One that is known keeps its user whatever its e-mail address says now; a new one takes over the user of
 * its address only when the provider has verified the address, and becomes a new user otherwise refused.
 */
async function userOf(tx: StoreTransaction, identity: ProviderIdentity): Promise<string> {
  const { issuer, subject, emailVerified } = identity
  const known = await tx
    .selectFrom('user_identity')
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .select('user_id')
    .executeTakeFirst()
  if (known) return known.user_id
  if (identity.email === undefined || !emailVerified)
    throw new Fault('forbidden', 'The provider did not say a verified e-mail address.', {
      hint: 'Let the provider give the claims email and email_verified (scope email).',
    })
  const email = normalEmail(identity.email)
  const existing = await tx.selectFrom('user_account').where('email', '=', email).select('id').executeTakeFirst()
  const id = existing?.id ?? (await createUser(tx, email, identity.name ?? email))
  await tx.insertInto('user_identity').values({ issuer, subject, user_id: id }).execute()
  return id
}

async function createUser(tx: StoreTransaction, email: string, name: string): Promise<string> {
  // Without a hash no password is right.
  const shortName = name.slice(0, 128)
  const row = await insertUser(tx, { email, name: shortName, role: firstRole, passwordHash: '' })
  await recordEvent(tx, {
    actor: systemActor,
    body: {
      type: 'entity.created',
      kind: 'user',
      identifier: email,
      after: { email, name: shortName, role: firstRole, from: 'openid-connect' },
    },
  })
  return row.id
}

export function oidcHandlers(
  options: OidcOptions,
): ApiHandlers<'listSignInProviders' | 'startProviderSignIn' | 'finishProviderSignIn'> {
  const { store, random, secure, provider } = options
  return {
    listSignInProviders: async () =>
      provider ? [{ identifier: 'oidc' as const, name: provider.name, startUrl: path }] : [],

    startProviderSignIn: async ({ query, setHeader }) => {
      const offered = needed(provider)
      const start = { state: createToken(random), nonce: createToken(random), verifier: createToken(random) }
      const url = await offered.begin(start)
      await remember(store, start, safeReturn(query.return_to))
      setHeader('set-cookie', cookie(start.state, minutes * 60, secure))
      setHeader('location', url)
      return null
    },

    finishProviderSignIn: async ({ query, request, caller, setHeader }) => {
      const offered = needed(provider)
      const { start, returnTo } = await recall(store, request, query.state)
      const identity = await offered.finish(new URL(request.url), start)
      const userId = await store.transaction(async (tx) => {
        const id = await userOf(tx, identity)
        if (identity.groups !== undefined) await followGroups(tx, id, identity.groups)
        return id
      })
      setHeader('set-cookie', cookie('', 0, secure))
      await options.startSession(caller, userId, setHeader)
      setHeader('location', returnTo)
      return null
    },
  }
}
