// Every resource of the compatible Terraform provider through its life: the requests that its Go clients send, in their order, and
// what the provider reads of the answers. An object that is gone answers 404, with a code where the provider looks for one.
import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Manager, startManager } from '#manager/main'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { lives, P, pipeline } from './wire-life.ts'
import type { Answered } from './wire-part.ts'

const password = 'correct horse battery'
const email = 'ada@example.org'
let place: TestPlace
let store: Store
let manager: Manager
let headers: Record<string, string>
beforeAll(async () => {
  place = await newPlace('embedded')
  store = await openPlace(place)
  manager = await startManager({
    store,
    rootKeys: { current: new Uint8Array(randomBytes(32)), older: [] },
    host: '127.0.0.1',
    port: 0,
    secure: false,
    trustProxy: false,
    log: pino({ level: 'silent' }),
    version: '1.2.3',
    webDirectory: '.',
    fetch,
    prepare: async (users) => void (await users.ensureUser({ email, name: 'Ada', role: 'admin', password })),
  })
  const json = { 'content-type': 'application/json' }
  const session = await fetch(`${manager.url}/v1/session`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ email, password }),
  })
  const { csrfToken, account } = (await session.json()) as { csrfToken: string; account: string }
  const cookie = session.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
  const key = await fetch(`${manager.url}/v1/api-keys`, {
    method: 'POST',
    headers: { ...json, cookie, 'x-csrf-token': csrfToken },
    body: JSON.stringify({ identifier: 'terraform' }),
  })
  const { value } = (await key.json()) as { value: string }
  headers = {
    'x-api-key': value,
    'Harness-Account': account,
    accept: 'application/json',
    'user-agent': 'terraform-provider-harness-platform-0.45.1',
  }
})
afterAll(async () => {
  await manager.close()
  await store.close()
  await place.remove()
})

/** The Go encoder ends a body with a newline; YAML goes out as it is, and is called JSON. */
async function send(method: string, path: string, body?: unknown): Promise<Answered> {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`
  const response = await fetch(`${manager.url}/gateway${path}`, {
    method,
    headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: text }),
  })
  const answer = await response.text()
  if (answer !== '') expect(response.headers.get('content-type'), path).toContain('application/json')
  return { status: response.status, body: answer === '' ? undefined : JSON.parse(answer) }
}

test.each(Object.entries(lives))('%s is made, read, changed and read again', async (_, life) => {
  const { create, created = 200, read, update, updated = 200, of, first, second } = life
  const made = await send(...create)
  expect([made.status, made.body?.message]).toEqual([created, undefined])
  expect(of((await send('GET', read)).body)).toMatchObject(first)
  const changed = await send(...update)
  expect([changed.status, changed.body?.message]).toEqual([updated, undefined])
  const again = of((await send('GET', read)).body)
  expect(again).toMatchObject(second)
  // The next plan is empty: the same once more changes nothing but the time.
  expect((await send(...update)).status).toBe(updated)
})

test('a schema comes back with the source that fits its type, and no other', async () => {
  expect((await send('GET', `${P}/dbschema/script`)).body).not.toHaveProperty('changelog')
  expect((await send('GET', `${P}/dbschema/repository`)).body).not.toHaveProperty('changeLogScript')
})

test('a block of Git details that says INLINE is no other store', async () => {
  for (const path of [`${P}/pipelines/p/git-metadata`, `${P}/input-sets/set/git-metadata?pipeline=p`])
    expect((await send('PUT', path, pipeline('Two'))).status).toBe(200)
})

test('what is made twice is refused with 400 and a message', async () => {
  for (const { create } of [lives['pipeline'], lives['environment'], lives['db_instance']].flatMap(
    (life) => life ?? [],
  )) {
    const { status, body } = await send(...create)
    expect([status, typeof body.message]).toEqual([400, 'string'])
  }
})

test.each(Object.entries(lives).toReversed())('%s is taken away, and gone', async (_, life) => {
  const { read, remove, removed = 200, gone, isGone } = life
  expect((await send('DELETE', remove)).status).toBe(removed)
  const after = await send('GET', read)
  if (isGone) expect(isGone(after)).toBe(true)
  else expect([after.status, after.body]).toEqual([404, expect.objectContaining(gone ?? {})])
})
