// The manager's HTTP surface on a fresh store, with one user of every role, called in process or through real sockets.
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { pino } from 'pino'
import { api } from '#contract/api/index'
import { type Client, createClient, type Fetch } from '#contract/client'
import { Fault } from '#contract/fault'
import { type Role, roleSchema } from '#contract/permission'
import { createAuthenticate } from '#manager/access/authenticate'
import { signingKeys } from '#manager/audit/entry'
import { auditHandlers } from '#manager/audit/handlers'
import { accessHandlers } from '#manager/access/handlers'
import { platformDelegateHandlers } from '#manager/delegate/platform-delegates'
import { platformDelegateTokenHandlers } from '#manager/delegate/platform-token'
import { delegateTokenHandlers } from '#manager/delegate/tokens'
import { entityHandlers } from '#manager/entity/handlers'
import { type AppOptions, createApp } from '#manager/http/app'
import { createIdempotentCalls } from '#manager/http/idempotency'
import { healthHandlers } from '#manager/http/health'
import { type AllHandlers, allEndpoints } from '#manager/http/mount'
import { ensureUser, readAccount } from '#manager/identity/bootstrap'
import { identityHandlers } from '#manager/identity/handlers'
import { createPasswordHasher } from '#manager/identity/password'
import type { RootKeys } from '#manager/secret/envelope'
import { platformSecretHandlers } from '#manager/secret/platform-secret'
import { settingHandlers } from '#manager/setting/handlers'
import { secretHandlers } from '#manager/secret/secret'
import { imageHandlers } from '#manager/image/image'
import { stateHandlers } from '#manager/state/handlers'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace } from '../store/store.ts'

export const password = 'correct horse'
export const emailOf = (role: Role): string => `${role}@example.com`
export const P = '/v1/orgs/default/projects/shop'

export interface World {
  readonly store: Store
  readonly rootKeys: RootKeys
  /** Lets so many seconds pass for the sign-in limits. */
  passTries(seconds: number): Promise<void>
  /** Everything that `createApp` and `startServer` need. */
  readonly options: AppOptions
  readonly app: ReturnType<typeof createApp>['app']
  /** Calls as the role, under a session. */
  as(role: Role): Client<typeof api>
  /** Headers of a session of the role. */
  sessionHeaders(role: Role): Record<string, string>
  lines: Record<string, unknown>[]
  close(): Promise<void>
}

/** Other rooms' endpoints answer 404 here: enough to see that the caller got in. */
function reached(): Partial<AllHandlers> {
  const handler = async () => {
    throw new Fault('not-found', 'reached')
  }
  return Object.fromEntries(Object.keys(allEndpoints).map((name) => [name, handler]))
}

export async function openWorld(
  more: Partial<AllHandlers> = {},
  kind: 'embedded' | 'postgresql' = 'embedded',
): Promise<World> {
  const place = await newPlace(kind)
  const store = await openPlace(place)
  const rootKeys = { current: new Uint8Array(randomBytes(32)), older: [] }
  const passwords = createPasswordHasher(randomBytes, 10)
  const lines: Record<string, unknown>[] = []
  for (const role of roleSchema.options)
    await ensureUser(store, passwords, { email: emailOf(role), name: role, role, password })
  const account = await readAccount(store.db)
  const options: AppOptions = {
    handlers: {
      ...reached(),
      ...healthHandlers(store, '1.2.3'),
      ...identityHandlers({ store, passwords, random: randomBytes, account, secure: false }),
      ...entityHandlers(store, account),
      ...auditHandlers({ store, account, keys: signingKeys(rootKeys) }),
      ...accessHandlers(store, account, () => randomBytes(8).toString('hex')),
      ...secretHandlers(store, rootKeys, randomBytes),
      ...platformSecretHandlers(store, rootKeys, randomBytes),
      ...delegateTokenHandlers({ store, random: randomBytes }),
      ...platformDelegateTokenHandlers({ store, random: randomBytes }, account),
      ...platformDelegateHandlers(store),
      ...imageHandlers(store, '1.2.3'),
      ...stateHandlers(store),
      ...settingHandlers(store),
      ...more,
    },
    authenticate: createAuthenticate(store),
    idempotentCalls: createIdempotentCalls(store),
    log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    version: '1.2.3',
    createId: () => randomBytes(8).toString('hex'),
    checkReplies: true,
  }
  const { app } = createApp(options)
  const sessions = new Map<Role, Record<string, string>>()
  for (const role of roleSchema.options) sessions.set(role, await signInTo(app, emailOf(role)))
  const sessionHeaders = (role: Role) => sessions.get(role) ?? {}
  return {
    store,
    rootKeys,
    passTries: async (seconds) => {
      await sql`update sign_in_try set started_at = started_at - make_interval(secs => ${seconds})`.execute(store.db)
    },
    options,
    app,
    lines,
    as: (role) =>
      createClient(api, { baseUrl: '', fetch: fetchOf(app), headers: sessionHeaders(role), validate: true }),
    sessionHeaders,
    close: async () => {
      await store.close()
      await place.remove()
    },
  }
}

/** The app as `fetch`, without sockets. */
export const fetchOf =
  (app: World['app']): Fetch =>
  async (url, init) =>
    app.request(url, init)

/** Signs in and gives the headers that a page of ours would send. */
export async function signInTo(app: World['app'], email: string): Promise<Record<string, string>> {
  const response = await app.request('/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
  const { csrfToken } = (await response.json()) as { csrfToken: string }
  return { cookie, 'x-csrf-token': csrfToken }
}

/** An organization `default` with a project `shop`. */
export async function addProject(world: World): Promise<{ org: string; project: string }> {
  const admin = world.as('admin')
  await admin.createOrganization({ body: { organization: { identifier: 'default', name: 'Default' } } })
  await admin.createProject({
    params: { org: 'default' },
    body: { project: { identifier: 'shop', name: 'Shop' } },
  })
  return { org: 'default', project: 'shop' }
}
