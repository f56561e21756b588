// Every endpoint × every role, and nobody: who may call what is exactly what stands beside the endpoints.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Endpoint } from '#contract/endpoint'
import { roleSchema, roles } from '#contract/permission'
import { allEndpoints } from '#manager/http/mount'
import { openWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const values: Readonly<Record<string, string>> = { email: 'nobody@example.com', stream: 'step', approval: 'a_1' }
const pathOf = ({ path }: Endpoint) => path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? `no_${name}`)

async function statusOf(target: Endpoint, headers: Record<string, string>): Promise<number> {
  const init = { method: target.method, headers }
  const response = await world.app.request(pathOf(target), init)
  if (response.status >= 400)
    expect(await response.json()).toMatchObject({ status: 'ERROR', message: expect.any(String) })
  else await response.body?.cancel()
  return response.status
}

const endpoints = Object.values(allEndpoints)
// Signing out ends the session of the walk.
const guarded = endpoints.filter(({ access, name }) => access !== 'public' && name !== 'signOut')

describe.each(guarded.map((target) => [target.name, target] as const))('%s', (_, target) => {
  test('is closed to nobody and to made-up credentials', async () => {
    expect(await statusOf(target, {})).toBe(401)
    const madeUp: Record<string, string>[] = [
      { 'x-api-key': 'pat.a.b.c' },
      { authorization: 'Bearer pat.a.b.c' },
      { authorization: 'Bearer made-up' },
      { cookie: 'sluice_session=made-up' },
    ]
    for (const headers of madeUp) expect(await statusOf(target, headers), JSON.stringify(headers)).toBe(401)
  })

  test.each(roleSchema.options)('%s', async (role) => {
    const { access } = target
    const may =
      access === 'signed-in' ||
      (access !== 'delegate' && access !== 'attempt' && new Set<string>(roles[role]).has(access))
    const status = await statusOf(target, world.sessionHeaders(role))
    if (may) expect([200, 201, 204, 400, 404]).toContain(status)
    else expect(status).toBe(403)
  })
})

test('every endpoint is public, of the delegate protocol, or needs a sign-in', () => {
  const open = endpoints.filter(({ access }) => access === 'public').map(({ name }) => name)
  expect(new Set(open)).toEqual(
    new Set([
      'getHealth',
      'signIn',
      'listSignInProviders',
      'startProviderSignIn',
      'finishProviderSignIn',
      'register',
      'accessToken',
      'receiveWebhook',
      'receiveCustomWebhook',
      'platformReadLog',
    ]),
  )
  for (const { path, access } of endpoints)
    expect(path.startsWith('/d/v1/'), path).toBe(
      access === 'delegate' || access === 'attempt' || /^\/d\/v1\/(?:register|token)/.test(path),
    )
})

test('a change under a session needs its CSRF token, a read does not', async () => {
  const { cookie = '', ...csrf } = world.sessionHeaders('admin')
  const other = world.sessionHeaders('viewer')['x-csrf-token'] ?? ''
  for (const target of guarded.filter(({ access }) => access !== 'delegate' && access !== 'attempt')) {
    const bare = await statusOf(target, { cookie })
    if (target.method === 'GET') expect(bare, target.name).not.toBe(403)
    else {
      expect(bare, target.name).toBe(403)
      expect(await statusOf(target, { cookie, 'x-csrf-token': other }), target.name).toBe(403)
      expect(await statusOf(target, { cookie, ...csrf }), target.name).not.toBe(403)
    }
  }
})
