// Sign-in, sessions, the lock after wrong passwords, users and API keys.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from 'kysely'
import type { api } from '#contract/api/index'
import { type Client, createClient } from '#contract/client'
import { createApp } from '#manager/http/app'
import { sessionHandlers } from '#manager/identity/session'
import { createPasswordHasher } from '#manager/identity/password'
import { randomBytes } from 'node:crypto'
import { api as endpoints } from '#contract/api/index'
import { emailOf, fetchOf, openWorld, password, signInTo, type World } from './world.ts'

let world: World
let admin: Client<typeof api>
beforeAll(async () => {
  world = await openWorld()
  admin = world.as('admin')
})
afterAll(() => world.close())

const signIn = (email: string, secret: string, headers: Record<string, string> = {}) =>
  world.app.request('/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ email, password: secret }),
  })
const session = (headers: Record<string, string>) => world.app.request('/v1/session', { headers })
const eventsOf = async (email: string) =>
  (
    await world.store.db
      .selectFrom('event')
      .where('type', 'like', 'session.%')
      .where(sql<boolean>`body ->> 'email' = ${email}`)
      .select('type')
      .orderBy('id')
      .execute()
  ).map(({ type }) => type)

describe('session', () => {
  test('signing in sets a cookie that scripts cannot read, and says who one is', async () => {
    const response = await signIn('VIEWER@example.com', password)
    expect(response.status).toBe(200)
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^sluice_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200$/)
    const body = (await response.json()) as { csrfToken: string; account: string }
    expect(body).toMatchObject({ user: { email: 'viewer@example.com', role: 'viewer' }, account: expect.any(String) })
    const again = await session({ cookie: cookie.split(';')[0] ?? '' })
    expect(await again.json()).toEqual(body)
    expect(await eventsOf('viewer@example.com')).toContain('session.started')
  })

  test('under HTTPS the cookie is for HTTPS only', async () => {
    const handlers = sessionHandlers({
      store: world.store,
      passwords: createPasswordHasher(randomBytes, 10),
      random: randomBytes,
      account: 'a',
      secure: true,
    })
    const { app } = createApp({ ...world.options, handlers, secure: true })
    const response = await app.request('/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: emailOf('viewer'), password }),
    })
    expect(response.headers.get('set-cookie')).toMatch(/; Secure$/)
    expect(response.headers.get('strict-transport-security')).toContain('max-age')
  })

  test('the store holds no token and no password', async () => {
    const { cookie = '' } = await signInTo(world.app, emailOf('approver'))
    const { rows } = await sql<{ text: string }>`
      select string_agg(t::text, '') as text from (
        select to_jsonb(s) as t from user_session s union all select to_jsonb(u) from user_account u
        union all select to_jsonb(e) from event e) as all_rows`.execute(world.store.db)
    expect(rows[0]?.text).not.toContain(cookie.split('=')[1])
    expect(rows[0]?.text).not.toContain(password)
  })

  test('signing out ends the session', async () => {
    const headers = await signInTo(world.app, emailOf('viewer'))
    const response = await world.app.request('/v1/session', { method: 'DELETE', headers })
    expect(response.status).toBe(204)
    expect(response.headers.get('set-cookie')).toContain('Max-Age=0')
    expect((await session(headers)).status).toBe(401)
  })

  test('a session ends by itself', async () => {
    const headers = await signInTo(world.app, emailOf('viewer'))
    expect((await session(headers)).status).toBe(200)
    await world.store.db
      .updateTable('user_session')
      .set({ expires_at: sql<Date>`now() - interval '1 second'` })
      .where('csrf_token', '=', headers['x-csrf-token'] ?? '')
      .execute()
    expect((await session(headers)).status).toBe(401)
  })

  test('a page of another site cannot sign its visitor in', async () => {
    expect((await signIn(emailOf('viewer'), password, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    const form = await world.app.request('/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ email: emailOf('viewer'), password }),
    })
    expect(form.status).toBe(400)
  })
})

describe('wrong passwords', () => {
  const lockedBody = async (response: Response) => {
    expect(response.status).toBe(429)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(800)
    const { message, code } = (await response.json()) as { message: string; code: string }
    return { message, code }
  }

  test('five lock the address for a while, also against the right one, and then it opens again', async () => {
    await admin.createUser({ body: { email: 'lock@example.com', name: 'L', role: 'viewer', password } })
    for (let count = 0; count < 5; count++) {
      const response = await signIn('lock@example.com', 'wrong')
      expect(response.status).toBe(401)
      expect(((await response.json()) as { message: string }).message).toBe('E-mail or password is not right.')
    }
    const known = await lockedBody(await signIn('lock@example.com', password))
    // Somebody who is not there looks the same.
    for (let count = 0; count < 5; count++) expect((await signIn('nobody@example.com', 'wrong')).status).toBe(401)
    expect(await lockedBody(await signIn('nobody@example.com', 'wrong'))).toEqual(known)
    expect(await eventsOf('lock@example.com')).toEqual(Array.from({ length: 5 }, () => 'session.refused'))
    // Another replica, which has not counted itself, knows of the lock too.
    const other = createApp({
      ...world.options,
      handlers: sessionHandlers({
        store: world.store,
        passwords: createPasswordHasher(randomBytes, 10),
        random: randomBytes,
        account: 'a',
        secure: false,
      }),
    })
    const body = JSON.stringify({ email: 'lock@example.com', password })
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    await lockedBody(await other.app.request('/v1/session', init))
    await world.store.db
      .updateTable('user_account')
      .set({ locked_until: sql`now() - interval '1 second'` })
      .where('email', '=', 'lock@example.com')
      .execute()
    await world.passTries(15 * 60)
    expect((await signIn('lock@example.com', password)).status).toBe(200)
  })

  test('a right one in between starts the count again', async () => {
    for (const secret of ['w', 'w', 'w', 'w', password, 'w', 'w', 'w', 'w'])
      expect((await signIn('lock@example.com', secret)).status).toBe(secret === password ? 200 : 401)
    expect((await signIn('lock@example.com', password)).status).toBe(200)
  })

  test('one network address may only try so often', async () => {
    await world.passTries(60)
    const statuses = []
    for (let count = 0; count < 51; count++) statuses.push((await signIn(`u${count}@example.com`, 'w')).status)
    expect(statuses.slice(0, 50).every((status) => status === 401)).toBe(true)
    expect(statuses[50]).toBe(429)
    await world.passTries(60)
    expect((await signIn(emailOf('viewer'), password)).status).toBe(200)
  })
})

describe('users', () => {
  const email = 'new@example.com'
  const params = { email }
  test('a user lives', async () => {
    const created = await admin.createUser({
      body: { email: 'New@Example.com', name: 'New', role: 'viewer', password },
    })
    expect(created).toMatchObject({ email, name: 'New', role: 'viewer' })
    await expect(
      admin.createUser({ body: { email: 'NEW@example.com', name: 'x', role: 'viewer', password } }),
    ).rejects.toMatchObject({ code: 'already-exists' })
    const { rows } = await admin.listUsers({ query: { search_term: 'new@' } })
    expect(rows).toEqual([created])
    const headers = await signInTo(world.app, email)
    await admin.updateUser({ params, body: { role: 'developer' } })
    // The role counts at once, also in a running session.
    expect(await (await session(headers)).json()).toMatchObject({ user: { role: 'developer' } })
    await admin.updateUser({ params, body: { password: 'another horse' } })
    expect((await session(headers)).status).toBe(401)
    expect((await signIn(email, password)).status).toBe(401)
    expect((await signIn(email, 'another horse')).status).toBe(200)
    await admin.deleteUser({ params })
    expect((await signIn(email, 'another horse')).status).toBe(401)
  })

  test('a short password and a wrong role are refused', async () => {
    const body = { email, name: 'x', role: 'viewer' as const, password: 'short' }
    await expect(admin.createUser({ body })).rejects.toThrow(/password/)
    await expect(admin.createUser({ body: { ...body, role: 'root' as 'viewer' } })).rejects.toThrow(/role/)
  })

  test('the last administrator stays', async () => {
    const last = { email: emailOf('admin') }
    await expect(admin.deleteUser({ params: last })).rejects.toMatchObject({ code: 'conflict' })
    await expect(admin.updateUser({ params: last, body: { role: 'viewer' } })).rejects.toThrow(/only administrator/)
  })
})

describe('API keys', () => {
  const clientWith = (headers: Record<string, string>) =>
    createClient(endpoints, { baseUrl: '/gateway/dbops', fetch: fetchOf(world.app), headers })

  test('a key lives, works in both headers without CSRF, and is stored as a hash', async () => {
    const created = await admin.createApiKey({ body: { identifier: 'ci', name: 'CI' } })
    const { account } = await admin.getSession()
    expect(created.value).toMatch(new RegExp(`^pat\\.${account}\\.ci\\.[\\w-]{43}$`))
    const both: Record<string, string>[] = [
      { 'x-api-key': created.value },
      { authorization: `Bearer ${created.value}` },
    ]
    for (const headers of both) {
      const client = clientWith(headers)
      const { organization } = await client.createOrganization({
        body: { organization: { identifier: `o${Object.keys(headers)[0]?.length}`, name: 'x' } },
      })
      expect(organization.name).toBe('x')
    }
    const stored = await world.store.db.selectFrom('api_key').selectAll().execute()
    expect(JSON.stringify(stored)).not.toContain(created.value.split('.')[3])
    const read = await admin.getApiKey({ params: { key: 'ci' } })
    expect(read).not.toHaveProperty('value')
    expect(read.lastUsedAt).not.toBeNull()
    const actor = await world.store.db.selectFrom('event').where('actor_type', '=', 'api-key').selectAll().execute()
    expect(actor[0]).toMatchObject({ actor_name: 'admin@example.com/ci' })
    await admin.deleteApiKey({ params: { key: 'ci' } })
    await expect(clientWith({ 'x-api-key': created.value }).getSession()).rejects.toMatchObject({
      code: 'unauthenticated',
    })
  })

  test('a key ends when it should, and has the rights of its owner as they are now', async () => {
    await admin.createUser({ body: { email: 'keys@example.com', name: 'K', role: 'admin', password } })
    const headers = await signInTo(world.app, 'keys@example.com')
    const owner = createClient(endpoints, { baseUrl: '', fetch: fetchOf(world.app), headers })
    const { value } = await owner.createApiKey({ body: { identifier: 'k', expiresAt: Date.now() + 3_600_000 } })
    const key = clientWith({ 'x-api-key': value })
    expect((await key.listUsers()).total).toBeGreaterThan(0)
    await admin.updateUser({ params: { email: 'keys@example.com' }, body: { role: 'viewer' } })
    await expect(key.listUsers()).rejects.toMatchObject({ code: 'forbidden' })
    expect((await key.getSession()).csrfToken).toBe('')
    await world.store.db.updateTable('api_key').set({ expires_at: sql`now()` }).where('identifier', '=', 'k').execute()
    await expect(key.getSession()).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('expiry can be moved and taken away, not into the past; others do not see the key', async () => {
    const expiresAt = Date.now() + 3_600_000
    await admin.createApiKey({ body: { identifier: 'mine', expiresAt } })
    const params = { key: 'mine' }
    expect(await admin.updateApiKey({ params, body: { name: 'M' } })).toMatchObject({ name: 'M', expiresAt })
    expect(await admin.updateApiKey({ params, body: { expiresAt: null } })).toMatchObject({ expiresAt: null })
    await expect(admin.updateApiKey({ params, body: { expiresAt: 1 } })).rejects.toThrow(/expiresAt/)
    await admin.createUser({ body: { email: 'other@example.com', name: 'O', role: 'admin', password } })
    const headers = await signInTo(world.app, 'other@example.com')
    const other = createClient(endpoints, { baseUrl: '', fetch: fetchOf(world.app), headers })
    await expect(other.getApiKey({ params })).rejects.toMatchObject({ code: 'not-found' })
    expect((await other.listApiKeys()).total).toBe(0)
  })
})

describe('a key that ends', () => {
  const inDays = (days: number): number => Date.now() + days * 86_400_000
  const end = inDays(10)
  const soon = inDays(5)
  const key = { apiKeyType: 'USER', parentIdentifier: emailOf('admin') } as const
  const token = { ...key, apiKeyIdentifier: 'bounded', name: 'T' }
  const by = (value: string) =>
    createClient(endpoints, { baseUrl: '', fetch: fetchOf(world.app), headers: { 'x-api-key': value } })
  const refused = { code: 'forbidden', message: expect.stringContaining('may not last longer') }
  beforeAll(async () => {
    await admin.createAccessKey({ body: { ...key, identifier: 'bounded', name: 'B' } })
    await admin.createAccessToken({ body: { ...token, identifier: 'endless' } })
    await admin.createAccessToken({ body: { ...token, identifier: 'brief', validTo: soon } })
  })
  const values: readonly (readonly [string, () => Promise<string>])[] = [
    ['of ours', async () => (await admin.createApiKey({ body: { identifier: 'ends', expiresAt: end } })).value],
    [
      'as the platform services have it',
      () => admin.createAccessToken({ body: { ...token, identifier: 'ends', validTo: end } }),
    ],
  ]

  test.each(values)('%s makes, extends and rotates nothing beyond its end', async (_, make) => {
    const client = by(await make())
    const { owner: __, ...made } = await client.createApiKey({ body: { identifier: 'inherits' } })
    expect(made).toMatchObject({ identifier: 'inherits', expiresAt: end })
    await expect(client.createApiKey({ body: { identifier: 'x', expiresAt: end + 1 } })).rejects.toMatchObject(refused)
    const ends = { params: { key: 'inherits' } }
    expect(await client.updateApiKey({ ...ends, body: { expiresAt: soon } })).toMatchObject({ expiresAt: soon })
    for (const expiresAt of [null, end + 1])
      await expect(client.updateApiKey({ ...ends, body: { expiresAt } })).rejects.toMatchObject(refused)
    await client.deleteApiKey(ends)

    await client.createAccessToken({ body: { ...token, identifier: 'inherits' } })
    const query = { ...key, apiKeyIdentifier: 'bounded' }
    const validTo = async (identifiers: string) =>
      (await admin.listAccessTokens({ query: { ...query, identifiers } })).rows[0]?.token.validTo
    expect(await validTo('inherits')).toBe(end)
    await expect(
      client.createAccessToken({ body: { ...token, identifier: 'x', validTo: end + 1 } }),
    ).rejects.toMatchObject(refused)
    const longer = { params: { identifier: 'inherits' }, body: { ...token, identifier: 'inherits', validTo: end + 1 } }
    await expect(client.updateAccessToken(longer)).rejects.toMatchObject(refused)
    await expect(client.rotateAccessToken({ params: { identifier: 'endless' }, query })).rejects.toMatchObject(refused)
    expect(await client.rotateAccessToken({ params: { identifier: 'brief' }, query })).toMatch(/^pat\./)
    await client.deleteAccessToken({ params: { identifier: 'inherits' }, query })

    const person = { email: 'new@example.com', name: 'New', role: 'viewer', password } as const
    await expect(client.createUser({ body: person })).rejects.toMatchObject(refused)
    const own = { params: { email: emailOf('admin') }, body: { password } }
    await expect(client.updateUser(own)).rejects.toMatchObject(refused)
  })
})
