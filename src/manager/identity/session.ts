// Signing in and out: a random token in a cookie, its hash in the store, and a lock after wrong passwords.
import { sql } from 'kysely'
import type { SessionOut } from '#contract/api/identity'
import { Fault } from '#contract/fault'
import type { Role } from '#contract/permission'
import { grantsOfStarter } from '../access/assignment.ts'
import { sessionCookie } from '../access/authenticate.ts'
import { type Grant, writeGrant } from '#contract/grant'
import { createToken, hashToken, type RandomBytes } from '../access/token.ts'
import { recordEvent } from '../audit/record.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import type { Store, StoreTransaction } from '../store/port.ts'
import type { PasswordHasher } from './password.ts'
import { clearTries, forgetOldTries, giveTryBack, takeTry } from './try-limit.ts'
import { normalEmail } from './user.ts'

const sessionSeconds = 12 * 3600
/** Wrong passwords for one address before it is locked, and for how long. */
const maxFailures = 5
const lockMinutes = 15
/** Tries from one network address; higher, because many people may share it. */
const triesFromAddress = 50

export interface SessionOptions {
  readonly store: Store
  readonly passwords: PasswordHasher
  readonly random: RandomBytes
  /** Id of the installation. */
  readonly account: string
  /** The cookie is only sent over HTTPS. */
  readonly secure: boolean
}

interface UserRow {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: string
  readonly password_hash: string
  readonly lockedSeconds: number | null
}

type ShownUser = Pick<UserRow, 'email' | 'name' | 'role'>

const wrong = () =>
  new Fault('unauthenticated', 'E-mail or password is not right.', { hint: 'Check both and try again.' })
/** The same text for an address that is locked, one that nobody has, and a network that tries too much. */
function refuseForNow(retryAfterSeconds: number | null | undefined): void {
  if (!retryAfterSeconds || retryAfterSeconds <= 0) return
  throw new Fault('too-many-requests', 'Too many sign-ins with a wrong password. Wait a while.', { retryAfterSeconds })
}

function cookie(value: string, seconds: number, secure: boolean): string {
  return `${sessionCookie}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure ? '; Secure' : ''}`
}

function show(account: string, user: ShownUser, grants: readonly Grant[], csrfToken: string): SessionOut {
  const role = user.role as Role
  return { user: { email: user.email, name: user.name, role }, grants: grants.map(writeGrant), csrfToken, account }
}

async function findUser(store: Store, email: string): Promise<UserRow | undefined> {
  return store.db
    .selectFrom('user_account')
    .where('email', '=', email)
    .select(['id', 'email', 'name', 'role', 'password_hash'])
    .select(sql<number | null>`extract(epoch from locked_until - now())::float8`.as('lockedSeconds'))
    .executeTakeFirst()
}

async function recordRefusal(tx: StoreTransaction, caller: Caller, email: string): Promise<void> {
  const { sourceAddress } = caller
  await recordEvent(tx, {
    actor: { type: 'user', name: email },
    sourceAddress,
    body: { type: 'session.refused', email },
  })
}

/** Counts the failure; the one that reaches the limit locks and starts a new count. */
async function countFailure(store: Store, caller: Caller, user: UserRow): Promise<void> {
  await store.transaction(async (tx) => {
    const reached = sql<boolean>`failed_sign_ins + 1 >= ${maxFailures}`
    await tx
      .updateTable('user_account')
      .set({
        failed_sign_ins: sql`case when ${reached} then 0 else failed_sign_ins + 1 end`,
        locked_until: sql`case when ${reached} then now() + make_interval(mins => ${lockMinutes}) else locked_until end`,
      })
      .where('id', '=', user.id)
      .execute()
    await recordRefusal(tx, caller, user.email)
  })
}

/** The header that gives a browser the token of its session. */
export const sessionCookieText = (token: string, secure: boolean): string => cookie(token, sessionSeconds, secure)

/** Starts the session of somebody whom the provider has vouched for. */
export async function startSessionOf(options: SessionOptions, caller: Caller, userId: string): Promise<string> {
  const user = await options.store.db
    .selectFrom('user_account')
    .where('id', '=', userId)
    .select(['id', 'email', 'name', 'role', 'password_hash'])
    .executeTakeFirst()
  if (!user) throw wrong()
  const [token] = await startSession(options, caller, { ...user, lockedSeconds: null })
  return token
}

async function startSession(options: SessionOptions, caller: Caller, user: UserRow): Promise<[string, string]> {
  const [token, csrfToken] = [createToken(options.random), createToken(options.random)]
  await options.store.transaction(async (tx) => {
    const unchanged = await tx
      .updateTable('user_account')
      .set({ failed_sign_ins: 0, locked_until: null })
      .where('id', '=', user.id)
      // The password may have been replaced while it was checked.
      .where('password_hash', '=', user.password_hash)
      .executeTakeFirst()
    if (unchanged.numUpdatedRows === 0n) throw wrong()
    await tx.deleteFrom('user_session').where('expires_at', '<', sql<Date>`now()`).execute()
    await tx
      .insertInto('user_session')
      .values({
        token_hash: hashToken(token),
        user_id: user.id,
        csrf_token: csrfToken,
        expires_at: sql<Date>`now() + make_interval(secs => ${sessionSeconds})`,
      })
      .execute()
    const { sourceAddress } = caller
    const actor = { type: 'user' as const, name: user.email }
    await recordEvent(tx, { actor, sourceAddress, body: { type: 'session.started', email: user.email } })
  })
  return [token, csrfToken]
}

export function sessionHandlers(
  options: SessionOptions,
): ApiHandlers<'signIn' | 'getSession' | 'platformGetCurrentUser' | 'signOut'> {
  const { store, passwords, account, secure } = options
  const { db } = store
  // Also for addresses that nobody has, which cannot be locked: the answer must not tell them apart.
  const byEmail = { tries: maxFailures, seconds: lockMinutes * 60 }
  const byAddress = { tries: triesFromAddress, seconds: 60 }
  return {
    signIn: async ({ body, caller, request, setHeader }) => {
      if (request.headers.get('sec-fetch-site') === 'cross-site')
        throw new Fault('forbidden', 'Signing in is only possible from our own pages.')
      const email = normalEmail(body.email)
      refuseForNow(await takeTry(db, `address ${caller.sourceAddress}`, byAddress))
      const user = await findUser(store, email)
      refuseForNow(user?.lockedSeconds)
      refuseForNow(await takeTry(db, `email ${email}`, byEmail))
      if (!(await passwords.verify(body.password, user?.password_hash || undefined)) || !user) {
        if (user) await countFailure(store, caller, user)
        else await store.transaction((tx) => recordRefusal(tx, caller, email))
        throw wrong()
      }
      const [token, csrfToken] = await startSession(options, caller, user)
      await clearTries(db, `email ${email}`)
      // Many people may share an address, and sign in at the same hour.
      await giveTryBack(db, `address ${caller.sourceAddress}`)
      await forgetOldTries(db)
      setHeader('set-cookie', sessionCookieText(token, secure))
      const starter = { userId: user.id, serviceAccountId: null }
      return show(account, user, await grantsOfStarter(store.db, starter), csrfToken)
    },

    getSession: async ({ caller: { user, session, grants } }) => {
      if (!user) throw new Fault('unauthenticated', 'Nobody is signed in.')
      // Under an API key there is no cookie that could be abused, and so no token against it.
      return show(account, user, grants, session?.csrfToken ?? '')
    },

    platformGetCurrentUser: async ({ caller: { user } }) => {
      if (!user) throw new Fault('forbidden', 'A service account is no user.')
      const { id: uuid, name, email, role } = user
      return { uuid, name, email, defaultAccountId: account, admin: role === 'admin' }
    },

    signOut: async ({ caller: { session, user, actor, sourceAddress }, setHeader }) => {
      if (session && user) {
        await store.transaction(async (tx) => {
          await tx.deleteFrom('user_session').where('token_hash', '=', session.tokenHash).execute()
          await recordEvent(tx, { actor, sourceAddress, body: { type: 'session.ended', email: user.email } })
        })
      }
      setHeader('set-cookie', cookie('', 0, secure))
      return null
    },
  }
}
