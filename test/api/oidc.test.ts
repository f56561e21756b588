// Sign-in with OpenID Connect against a real provider in a process of its own, walked as a browser would.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '#manager/http/app'
import { identityHandlers } from '#manager/identity/handlers'
import { safeReturn } from '#manager/identity/oidc'
import { createPasswordHasher } from '#manager/identity/password'
import { callbackPath, createProvider } from '#manager/identity/provider'
import { openFetch } from '#outward/fetch'
import { readOutward } from '#outward/setting'
import { randomBytes } from 'node:crypto'
import { addProject, openWorld, P, type World } from './world.ts'

const publicUrl = 'https://sluice.test'
const accounts = {
  anna: { email: 'Anna@Example.com', email_verified: true, name: 'Anna', groups: ['dba'] },
  bert: { email: 'bert@example.com', email_verified: false, name: 'Bert', groups: [] },
  viewer: { email: 'viewer@example.com', email_verified: true, name: 'V', groups: [] },
}
let world: World
let provider: ChildProcess
let app: World['app']
let issuer = ''

beforeAll(async () => {
  world = await openWorld()
  await addProject(world)
  const script = fileURLToPath(new URL('oidc-provider.mjs', import.meta.url))
  const args = [script, JSON.stringify(accounts), `${publicUrl}${callbackPath}`]
  provider = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(provider.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  issuer = line.toString().trim()
  app = appWith('a secret of the client')
})
afterAll(async () => {
  provider.stdin?.end()
  provider.kill()
  await world.close()
})

/** As the program gives it behind a proxy, which is past the provider of this test. */
const outward = await openFetch(readOutward({ HTTPS_PROXY: 'http://127.0.0.1:9' }), undefined)

function appWith(clientSecret: string): World['app'] {
  const handlers = identityHandlers({
    store: world.store,
    passwords: createPasswordHasher(randomBytes, 10),
    random: randomBytes,
    account: 'a',
    secure: true,
    provider: createProvider({
      issuer,
      clientId: 'sluice',
      clientSecret,
      name: 'Example',
      scopes: 'openid email profile groups',
      groupsClaim: 'groups',
      fetch: outward,
      publicUrl,
    }),
  })
  return createApp({ ...world.options, handlers: { ...world.options.handlers, ...handlers } }).app
}

/** A browser with its cookies, at the provider and at ours. */
class Browser {
  readonly #jars = new Map<string, Map<string, string>>()
  readonly #app: World['app']

  constructor(to: World['app']) {
    this.#app = to
  }

  cookie(name: string): string | undefined {
    return this.#jars.get(publicUrl)?.get(name)
  }

  async get(address: string, body?: Record<string, string>): Promise<{ response: Response; url: URL }> {
    const url = new URL(address, publicUrl)
    const jar = this.#jars.get(url.origin) ?? new Map<string, string>()
    this.#jars.set(url.origin, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const form = body ? { method: 'POST', body: new URLSearchParams(body) } : {}
    const init = { ...form, headers: { cookie }, redirect: 'manual' as const }
    const response =
      url.origin === publicUrl ? await this.#app.request(url.pathname + url.search, init) : await fetch(url, init)
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const [name = '', ...value] = pair.split('=')
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name)
      else jar.set(name, value.join('='))
    }
    return { response, url }
  }

  /** Signs in at the provider and gives the address that it sends the browser back to. */
  async visit(account: string, returnTo = '/'): Promise<string> {
    let step = await this.get(`/v1/session/oidc?return_to=${encodeURIComponent(returnTo)}`)
    expect(step.response.status).toBe(302)
    for (let count = 0; count < 15; count += 1) {
      const location = step.response.headers.get('location')
      if (location !== null) {
        const next = new URL(location, step.url)
        if (next.origin === publicUrl) return next.pathname + next.search
        step = await this.get(next.href)
        continue
      }
      const page = await step.response.text()
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? ''
      const action = /action="([^"]+)"/.exec(page)?.[1] ?? ''
      const address = new URL(action, step.url).href
      step = await this.get(address, { prompt, ...(prompt === 'login' ? { login: account, password: 'x' } : {}) })
    }
    throw new Error('the provider did not come to an end')
  }

  async session() {
    const { response } = await this.get('/v1/session')
    return { status: response.status, body: (await response.json()) as { user?: object; permissions?: string[] } }
  }
}

describe('sign-in with a provider', () => {
  test('is offered by name', async () => {
    const response = await app.request('/v1/session/providers')
    expect(await response.json()).toEqual([{ identifier: 'oidc', name: 'Example', startUrl: '/v1/session/oidc' }])
    const plain = await world.app.request('/v1/session/providers')
    expect(await plain.json()).toEqual([])
    expect((await world.app.request('/v1/session/oidc')).status).toBe(501)
  })

  test('makes a member, who has what linked groups have, and leaves with them', async () => {
    const admin = world.as('admin')
    const shop = { orgIdentifier: 'default', projectIdentifier: 'shop' }
    await admin.createUserGroup({
      query: shop,
      body: { identifier: 'dba', name: 'DBA', ...shop, ssoGroupName: 'dba' },
    })
    await admin.createRoleAssignment({
      query: shop,
      body: {
        roleIdentifier: '_project_viewer',
        resourceGroupIdentifier: '_all_project_level_resources',
        principal: { type: 'USER_GROUP', identifier: 'dba' },
      },
    })
    const browser = new Browser(app)
    const callback = await browser.visit('anna', '/projects/shop?tab=1')
    expect(browser.cookie('sluice_sign_in')).toMatch(/^[\w-]{43}$/)
    const { response } = await browser.get(callback)
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('/projects/shop?tab=1')
    expect(response.headers.get('set-cookie')).toMatch(
      /sluice_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; .*Secure/,
    )
    expect(await browser.session()).toMatchObject({
      status: 200,
      body: { user: { email: 'anna@example.com', name: 'Anna', role: 'member' } },
    })
    expect((await browser.get(`${P}/dbschema`)).response.status).toBe(200)
    expect((await browser.get('/v1/users')).response.status).toBe(403)
    // A user of the provider has no password here.
    const password = await app.request('/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'anna@example.com', password: 'x' }),
    })
    expect(password.status).toBe(401)
    // The second time it is the same user; a group that is not linked any more gives nothing.
    await admin.updateUserGroup({
      query: shop,
      body: { identifier: 'dba', name: 'DBA', ...shop, ssoGroupName: 'others' },
    })
    const again = new Browser(app)
    await again.get(await again.visit('anna'))
    expect((await again.get(`${P}/dbschema`)).response.status).toBe(403)
    const users = await admin.listUsers({ query: { search_term: 'anna@' } })
    expect(users.total).toBe(1)
  })

  test('takes over the user of a verified address, and refuses one that is not verified', async () => {
    const browser = new Browser(app)
    await browser.get(await browser.visit('viewer'))
    expect(await browser.session()).toMatchObject({ body: { user: { role: 'viewer' } } })
    const other = new Browser(app)
    const { response } = await other.get(await other.visit('bert'))
    expect(response.status).toBe(403)
    expect((await other.session()).status).toBe(401)
  })

  test('a code is good once, in the browser that began, with its state', async () => {
    const victim = new Browser(app)
    const attacker = new Browser(app)
    const callback = await attacker.visit('anna')
    expect((await victim.get(callback)).response.status).toBe(401)
    const forged = callback.replace(/state=[^&]*/, 'state=made-up')
    expect((await attacker.get(forged)).response.status).toBe(401)
    expect((await attacker.get(callback)).response.status).toBe(302)
    expect((await attacker.get(callback)).response.status).toBe(401)
  })

  test('a manager with the wrong client secret lets nobody in, and says why only in its log', async () => {
    const wrong = appWith('not the secret')
    const browser = new Browser(wrong)
    const { response } = await browser.get(await browser.visit('anna'))
    expect(response.status).toBe(401)
    expect(await response.text()).not.toContain('invalid_client')
    const headers = { accept: 'text/html,application/xhtml+xml' }
    const shown = await wrong.request(`${callbackPath}?state=made-up`, { headers })
    expect([shown.status, shown.headers.get('location')]).toEqual([302, '/sign-in?refused=unauthenticated'])
    const log = world.lines.filter(({ msg }) => msg === 'sign-in refused')
    expect(log.slice(-2)).toMatchObject([
      { code: 'unauthenticated', reason: expect.stringMatching(/invalid_client|response body/) },
      { code: 'unauthenticated', reason: expect.stringContaining('not begun here') },
    ])
  })

  test('no secret of the sign-in is in the store', async () => {
    const browser = new Browser(app)
    await browser.visit('anna')
    const rows = await world.store.db.selectFrom('sign_in_request').selectAll().execute()
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(browser.cookie('sluice_sign_in'))
  })
})

test.each([
  [undefined, '/'],
  ['/a?b=c', '/a?b=c'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['/a b', '/'],
])('after the sign-in %s leads to %s', (given, expected) => {
  expect(safeReturn(given)).toBe(expected)
})
