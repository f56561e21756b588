// The delegate protocol on both stores, handlers called directly: joining, tokens, secrets, events, payloads, logs.
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { SignJWT } from 'jose'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SealedSecret } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'
import { authenticateAttempt, authenticateDelegate } from '#manager/delegate/authenticate'
import { delegateHandlers } from '#manager/delegate/delegates'
import { delegateTokenHandlers } from '#manager/delegate/tokens'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, sayWhatIsMissing, storeKinds, type TestPlace } from './store.ts'
import { createWorld, finishBody, join, pollBody, type TestDelegate, type World } from './world.ts'

sayWhatIsMissing('delegate protocol')
describe.each(storeKinds)('delegate protocol on %s', (kind) => {
  let place: TestPlace
  let store: Store
  let world: World
  let delegate: TestDelegate
  let sealed: ((references: readonly string[]) => Promise<SealedSecret[]>) | undefined
  beforeAll(async () => {
    place = await newPlace(kind)
    store = await openPlace(place)
    world = await createWorld(store, {
      sealSecrets: async (_, { references }) => ({ sealed: (await sealed?.(references)) ?? [], places: [] }),
    })
    delegate = await join(world, 'one')
  })
  afterAll(async () => {
    world.hub.close()
    await store.close()
    await place.remove()
  })

  const assertion = (
    claims: { jti?: string; audience?: string; seconds?: number; subject?: string } = {},
    key = delegate.privateKey,
  ) => {
    const now = Math.floor(Date.now() / 1000)
    return new SignJWT({})
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer(claims.subject ?? delegate.id)
      .setSubject(claims.subject ?? delegate.id)
      .setAudience(claims.audience ?? 'sluice-manager')
      .setJti(claims.jti ?? randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(now + (claims.seconds ?? 55))
      .sign(key)
  }
  const token = async (text: string) => world.call('accessToken', { body: { assertion: text } })
  const accept = async (attempt: string) =>
    world.call('accept', { delegate, params: { attempt }, body: { fence: '0', instance: 'i' } })
  const refused = { code: 'unauthenticated' }

  describe('joining', () => {
    test('the same key is the same delegate', async () => {
      const before = await store.db.selectFrom('delegate').select('id').execute()
      const other = await join(world, 'other')
      expect(before.map(({ id }) => id)).not.toContain(other.id)
      expect(await store.db.selectFrom('delegate').select('id').execute()).toHaveLength(before.length + 1)
    })

    test('a wrong token, a wrong proof and unusable keys are refused', async () => {
      const body = {
        token: world.joinToken,
        name: 'x',
        tags: [],
        version: '1',
        signingKey: delegate.signingKey,
        sealingKey: delegate.sealing.publicKey,
        proof: 'AAAA',
      }
      await expect(world.call('register', { body })).rejects.toMatchObject(refused)
      await expect(world.call('register', { body: { ...body, signingKey: 'AAAA' } })).rejects.toMatchObject({
        code: 'invalid-input',
      })
      await expect(world.call('register', { body: { ...body, sealingKey: 'AAAA' } })).rejects.toMatchObject({
        code: 'invalid-input',
      })
      await expect(join({ ...world, joinToken: 'sdt.wrong' }, 'x')).rejects.toMatchObject(refused)
    })
  })

  test('which executions are over is told of those that the delegate works for', async () => {
    const [open, over] = [await world.addExecution(), await world.addExecution()]
    await store.db.updateTable('execution').set({ ended_at: new Date() }).where('id', '=', over).execute()
    const ask = () => world.call('endedExecutions', { delegate, body: { executions: [open, over, 'of-another'] } })
    expect(await ask()).toEqual({ ended: [over] })
    const elsewhere = await store.db
      .insertInto('organization')
      .values({ identifier: `elsewhere_${kind}`, name: 'Elsewhere' })
      .returning('id')
      .executeTakeFirstOrThrow()
    const move = (organization_id: string | null) =>
      store.db.updateTable('delegate').set({ organization_id }).where('id', '=', delegate.id).execute()
    await move(elsewhere.id)
    expect(await ask()).toEqual({ ended: [] })
    await move(null)
  })

  describe('access tokens', () => {
    test('an assertion gives a token, once', async () => {
      const text = await assertion()
      const { accessToken, expiresAt } = await token(text)
      expect(expiresAt - Date.now()).toBeGreaterThan(590_000)
      expect(await authenticateDelegate(store.db, accessToken)).toMatchObject({
        delegate: { id: delegate.id, name: 'one' },
        actor: { type: 'delegate', name: 'one' },
      })
      expect(await authenticateDelegate(store.db, `${accessToken}x`)).toBeUndefined()
      await expect(token(text)).rejects.toMatchObject(refused)
    })

    test('everything else is refused', async () => {
      const stranger = generateKeyPairSync('ed25519').privateKey
      const wrong = [
        'no token at all',
        assertion({}, stranger),
        assertion({ audience: 'someone-else' }),
        assertion({ seconds: 3600 }),
        assertion({ seconds: -400 }),
        assertion({ subject: randomUUID() }),
      ]
      for (const text of wrong) await expect(token(await text)).rejects.toMatchObject(refused)
      const { rows } = await sql`select * from used_assertion where jti like ${`${delegate.id}/%`}`.execute(store.db)
      expect(rows).toHaveLength(1)
    })
  })

  describe('attempts', () => {
    test('the token of an accept belongs to that attempt and is kept as a hash only', async () => {
      const attempt = await world.add()
      const { attemptToken } = await accept(attempt)
      expect(await authenticateAttempt(store.db, attemptToken, attempt)).toMatchObject({ attempt: { id: attempt } })
      expect(await authenticateAttempt(store.db, attemptToken, await world.add())).toBeUndefined()
      const { rows } = await sql<{ text: string }>`select (select string_agg(t::text, ' ') from attempt_token t) ||
        (select string_agg(e::text, ' ') from event e) as text`.execute(store.db)
      expect(rows[0]?.text).not.toContain(attemptToken)
    })

    test('secrets that cannot be had end the attempt instead of being offered for ever', async () => {
      sealed = () => Promise.reject(new Fault('secret-unresolved', 'no such secret'))
      const spec = { passwordRef: 'pw' }
      const attempt = await world.add()
      await sql`update attempt set spec = jsonb_set(spec, '{work,connection}', ${JSON.stringify({ url: 'jdbc:x', ...spec })}::jsonb)
        where id = ${attempt}`.execute(store.db)
      await expect(accept(attempt)).rejects.toMatchObject({ code: 'secret-unresolved' })
      expect(world.told.at(-1)).toBe(`ended ${attempt} failure secret-unresolved`)
      await expect(accept(attempt)).rejects.toMatchObject({ code: 'attempt-gone' })
      sealed = async (references) => references.map((ref) => ({ ref, form: 'text', box: 'AA' }))
      const other = await world.add()
      await sql`update attempt set spec = jsonb_set(spec, '{work,connection}', ${JSON.stringify({ url: 'jdbc:x', ...spec })}::jsonb)
        where id = ${other}`.execute(store.db)
      expect((await accept(other)).secrets).toEqual([{ ref: 'pw', form: 'text', box: 'AA' }])
    })

    test('events count once, in order, without holes', async () => {
      const attempt = await world.add()
      const { fence } = await accept(attempt)
      const event = (seq: number) => ({
        seq,
        at: Date.now(),
        body: { type: 'change-set.started', fileName: 'a.sql', id: `${seq}`, author: 'x', direction: 'apply' },
      })
      const send = (...seqs: number[]) =>
        world.call('events', { params: { attempt }, body: { fence, events: seqs.map(event) } })
      world.told.length = 0
      expect(await send(1, 2)).toEqual({ acceptedThrough: 2 })
      expect(await send(1, 2)).toEqual({ acceptedThrough: 2 })
      expect(await send(2, 3)).toEqual({ acceptedThrough: 3 })
      await expect(send(5)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('Event 4') })
      expect(await send()).toEqual({ acceptedThrough: 3 })
      await Promise.all([send(4, 5), send(4, 5), send(4)])
      expect(world.told).toEqual([1, 2, 3, 4, 5].map((seq) => `event ${attempt} ${seq}`))
      const rows = await store.db.selectFrom('event').where('type', '=', 'change-set.state').select('body').execute()
      expect(rows.map(({ body }) => (body as { id: string }).id)).toEqual(['1', '2', '3', '4', '5'])
      expect(rows[0]?.body).toMatchObject({ attempt, dbSchema: 'shop', dbInstance: 'dev', phase: 'started' })
    })

    test('payloads reach the observers', async () => {
      const attempt = await world.add()
      const { fence } = await accept(attempt)
      await world.call('payload', {
        params: { attempt },
        body: { fence, payload: { kind: 'change-sets', changeSets: [] } },
      })
      expect(world.told.at(-1)).toBe(`payload ${attempt} change-sets`)
    })
  })

  describe('logs', () => {
    const append = (attempt: string, offset: number, body: string | Uint8Array<ArrayBuffer>, headers = {}) =>
      world.call('appendLog', {
        params: { attempt, stream: 'step' },
        query: { fence: '1', offset },
        request: new Request('http://m/', { method: 'PUT', body, headers }),
      })
    const committed = async (attempt: string) =>
      (await world.call('committedLog', { params: { attempt, stream: 'step' }, query: { fence: '1' } })).committed
    const textOf = async (attempt: string) => {
      const chunks = await store.db
        .selectFrom('log_chunk')
        .where('attempt_id', '=', attempt)
        .orderBy('start_offset')
        .select('data')
        .execute()
      return Buffer.concat(chunks.map(({ data }) => gunzipSync(data))).toString()
    }
    const accepted = async () => {
      const attempt = await world.add()
      await accept(attempt)
      return attempt
    }

    test('only what is contiguous is committed; repeats and overlaps are harmless, gaps are refused', async () => {
      const attempt = await accepted()
      expect(await committed(attempt)).toBe(0)
      expect(await append(attempt, 0, 'hello ')).toEqual({ committed: 6 })
      expect(await append(attempt, 0, 'hello ')).toEqual({ committed: 6 })
      expect(await append(attempt, 3, 'lo world')).toEqual({ committed: 11 })
      await expect(append(attempt, 20, 'x')).rejects.toMatchObject({ code: 'log-offset' })
      expect(
        await append(attempt, 11, gzipSync('!'.repeat(9)) as Uint8Array<ArrayBuffer>, { 'content-encoding': 'gzip' }),
      ).toEqual({
        committed: 20,
      })
      expect(await committed(attempt)).toBe(20)
      expect(await textOf(attempt)).toBe('hello world!!!!!!!!!')
    })

    test('two senders of the same piece commit it once', async () => {
      const attempt = await accepted()
      await Promise.all(Array.from({ length: 5 }, () => append(attempt, 0, 'abc')))
      expect(await textOf(attempt)).toBe('abc')
    })

    test('large pieces are kept in small rows', async () => {
      const attempt = await accepted()
      const text = 'x'.repeat(1_000_000)
      expect(await append(attempt, 0, text)).toEqual({ committed: 1_000_000 })
      expect(await textOf(attempt)).toBe(text)
      const { rows } = await sql<{
        n: string
        most: number
      }>`select count(*) as n, max(size) as most from log_chunk
        where attempt_id = ${attempt}`.execute(store.db)
      expect(rows).toEqual([{ n: '16', most: 65_536 }])
    })

    test('pieces that are too large, bombs and broken gzip are refused', async () => {
      const attempt = await accepted()
      const gzip = { 'content-encoding': 'gzip' }
      const bomb = gzipSync(Buffer.alloc(64 * 1_048_576)) as Uint8Array<ArrayBuffer>
      await expect(append(attempt, 0, 'x'.repeat(1_048_577))).rejects.toMatchObject({ code: 'too-large' })
      await expect(append(attempt, 0, bomb, gzip)).rejects.toMatchObject({ code: 'too-large' })
      await expect(append(attempt, 0, 'plain', gzip)).rejects.toMatchObject({ code: 'invalid-input' })
      await expect(append(attempt, 0, 'x', { 'content-encoding': 'br' })).rejects.toMatchObject({
        code: 'invalid-input',
      })
      expect(await committed(attempt)).toBe(0)
    })

    test('finish tells what is missing, which may still be sent, and closes what is whole', async () => {
      const attempt = await accepted()
      await append(attempt, 0, 'abc')
      const body = finishBody('1', 'success', { logs: { step: { bytes: 6, sha256: 'f00d' } } })
      const finish = () => world.call('finish', { params: { attempt }, body })
      expect(await finish()).toEqual({ accepted: true, missingLogs: { step: 3 } })
      expect(await append(attempt, 3, 'def')).toEqual({ committed: 6 })
      expect(await finish()).toEqual({ accepted: true, missingLogs: {} })
      await expect(append(attempt, 6, 'ghi')).rejects.toMatchObject({ code: 'attempt-gone' })
      const row = await store.db.selectFrom('log_stream').where('attempt_id', '=', attempt).selectAll().execute()
      expect(row).toMatchObject([{ committed: '6', closed: true, sha256: 'f00d' }])
      expect(world.told.filter((line) => line.startsWith(`ended ${attempt}`))).toHaveLength(1)
    })

    test('a step that is replaced before it started leaves no log behind', async () => {
      const attempt = await accepted()
      await append(attempt, 0, 'old')
      await sql`update attempt set state = 'queued', fence = 0 where id = ${attempt}`.execute(store.db)
      await accept(attempt)
      expect(await committed(attempt)).toBe(0)
      expect(await append(attempt, 0, 'new')).toEqual({ committed: 3 })
      expect(await textOf(attempt)).toBe('new')
    })
  })

  describe('delegates and tokens in the API', () => {
    const user = { actor: { type: 'user', name: 'admin@x' }, sourceAddress: '1.2.3.4' }
    const list = { page: 0, limit: 50, sort: 'created', order: 'ASC' }
    const api = () => {
      const dependencies = {
        store,
        hub: world.hub,
        observers: [],
        sealSecrets: async () => ({ sealed: [], places: [] }),
        random: (size: number) => crypto.getRandomValues(new Uint8Array(size)),
      }
      return { ...delegateTokenHandlers(dependencies), ...delegateHandlers(dependencies) } as unknown as Record<
        string,
        (call: object) => Promise<never>
      >
    }
    const call = <T>(name: string, input: object): Promise<T> =>
      (api()[name] as unknown as (call: object) => Promise<T>)({ params: {}, query: {}, caller: user, ...input })

    test('a token is shown once, lets delegates join, and revoking it disconnects them at once', async () => {
      const made = await call<{ value: string; status: string }>('createDelegateToken', { body: { identifier: 'tok' } })
      expect(made).toMatchObject({ identifier: 'tok', status: 'ACTIVE', createdBy: 'admin@x', revokeAfter: null })
      await expect(call('createDelegateToken', { body: { identifier: 'tok' } })).rejects.toMatchObject({
        code: 'already-exists',
      })
      expect(JSON.stringify(await call('getDelegateToken', { params: { token: 'tok' } }))).not.toContain(made.value)
      const joined = await join({ ...world, joinToken: made.value }, 'joined')
      const { accessToken } = await token(await assertion({ subject: joined.id }, joined.privateKey))
      await world.call('poll', { delegate: joined, body: pollBody(1) })
      const listed = await call<{ rows: object[] }>('listDelegates', { query: { ...list, search_term: 'JOINED' } })
      expect(listed).toMatchObject({
        total: 1,
        rows: [{ id: joined.id, token: 'tok', connected: true, runningAttempts: 0 }],
      })
      const waiting = world.call('poll', { delegate: joined, body: pollBody(1, 20) })
      const ended = expect(waiting).rejects.toMatchObject(refused)
      await call('updateDelegateToken', { params: { token: 'tok' }, body: { status: 'REVOKED' } })
      await ended
      // Whoever is remembered for a moment is refused all the same, and does not count as connected again.
      await expect(world.call('poll', { delegate: joined, body: pollBody(1) })).rejects.toMatchObject(refused)
      expect(await call('listDelegates', { query: { ...list, search_term: 'JOINED' } })).toMatchObject({
        rows: [{ id: joined.id, connected: false }],
      })
      expect(await authenticateDelegate(store.db, accessToken)).toBeUndefined()
      await expect(token(await assertion({ subject: joined.id }, joined.privateKey))).rejects.toMatchObject(refused)
      await expect(join({ ...world, joinToken: made.value }, 'late')).rejects.toMatchObject(refused)
      await call('updateDelegateToken', { params: { token: 'tok' }, body: { status: 'ACTIVE', name: 'again' } })
      await token(await assertion({ subject: joined.id }, joined.privateKey))
    })

    test('a token whose time is over is as good as revoked', async () => {
      const made = await call<{ value: string }>('createDelegateToken', {
        body: { identifier: 'brief', revokeAfter: Date.now() + 3_600_000 },
      })
      const joined = await join({ ...world, joinToken: made.value }, 'brief')
      const { accessToken } = await token(await assertion({ subject: joined.id }, joined.privateKey))
      expect(await authenticateDelegate(store.db, accessToken)).toBeDefined()
      await call('updateDelegateToken', { params: { token: 'brief' }, body: { revokeAfter: 1 } })
      expect(await authenticateDelegate(store.db, accessToken)).toBeUndefined()
      await expect(join({ ...world, joinToken: made.value }, 'late')).rejects.toMatchObject(refused)
    })

    test('deleting a delegate ends its polls; its running step may still report', async () => {
      const joined = await join(world, 'leaving')
      const attempt = await world.add()
      const { fence } = await world.call('accept', {
        delegate: joined,
        params: { attempt },
        body: { fence: '0', instance: 'i' },
      })
      const ended = expect(world.call('poll', { delegate: joined, body: pollBody(1, 20) })).rejects.toMatchObject(
        refused,
      )
      await call('deleteDelegate', { params: { delegate: joined.id } })
      await ended
      await expect(call('deleteDelegate', { params: { delegate: joined.id } })).rejects.toMatchObject({
        code: 'not-found',
      })
      await world.call('start', { params: { attempt }, body: { fence } })
      await world.call('finish', { params: { attempt }, body: finishBody(fence, 'success') })
    })

    test('deleting a token deletes its delegates and says so in the audit', async () => {
      await call('deleteDelegateToken', { params: { token: 'tok' } })
      await expect(call('getDelegateToken', { params: { token: 'tok' } })).rejects.toMatchObject({ code: 'not-found' })
      const { rows } = await sql`select * from delegate where name = 'joined'`.execute(store.db)
      expect(rows).toEqual([])
      const events = await store.db
        .selectFrom('event')
        .where('type', '=', 'entity.deleted')
        .select(['actor_name', 'source_address', 'body'])
        .execute()
      expect(events.at(-1)).toMatchObject({
        actor_name: 'admin@x',
        source_address: '1.2.3.4',
        body: { kind: 'delegate-token', identifier: 'tok' },
      })
    })
  })
})
