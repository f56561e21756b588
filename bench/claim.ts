// Claim and finish of attempts by 8 delegates through HTTP on PostgreSQL: how much work a manager can hand out.
// Each task is a poll's share, an accept and a finish, each acknowledged on disk.
import { fork } from 'node:child_process'
import { generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { SignJWT } from 'jose'
import { sql } from 'kysely'
import { pino } from 'pino'
import { createSealingKeys } from '#contract/delegate/seal'
import { migrateStore } from '#cli/process/store-migration'
import { createAuthenticate } from '#manager/access/authenticate'
import { KnownTokens } from '#manager/access/known-tokens'
import { hashToken } from '#manager/access/token'
import type { KnownProtocolTokens } from '#manager/delegate/authenticate'
import { protocolHandlers } from '#manager/delegate/protocol'
import { startServer } from '#manager/http/server'
import { createHub } from '#manager/live/hub'
import { openStore } from '#manager/store/open'
import type { Store } from '#manager/store/port'
import { enqueue } from '#manager/work/enqueue'
import { printFigure } from './figure.ts'

const server = process.env['SLUICE_TEST_POSTGRES_URL']
const delegates = 8
const warmUp = 500
const tasks = 5000
const joinToken = `sdt.${randomUUID()}`
const agent = new Agent({ keepAlive: true, maxSockets: delegates })

interface Offer {
  readonly attempt: string
  readonly fence: string
}

async function measure(address: string): Promise<void> {
  const name = `sluice_bench_${process.pid}`
  const admin = await openStore({ location: { kind: 'postgresql', url: address }, migrate: async () => {} }, never())
  await sql`create database ${sql.id(name)}`.execute(admin.db)
  const url = new URL(address)
  url.pathname = `/${name}`
  const store = await openStore(
    { location: { kind: 'postgresql', url: url.href }, migrate: migrateStore(() => {}) },
    never(),
  )
  const child = fork(fileURLToPath(import.meta.url), { env: { ...process.env, SLUICE_BENCH_STORE: url.href } })
  try {
    const [{ url: baseUrl }] = (await once(child, 'message')) as [{ url: string }]
    await fill(store)
    const tokens = await Promise.all(Array.from({ length: delegates }, (_, n) => join(baseUrl, `delegate-${n}`)))
    await drain(baseUrl, tokens, warmUp)
    // As the server does by itself within a minute: the tables were empty when their statements were planned.
    await sql`analyze`.execute(store.db)
    const begun = performance.now()
    await drain(baseUrl, tokens, tasks)
    const seconds = (performance.now() - begun) / 1000
    const { rows } = await sql<{ n: string }>`select count(*) as n from attempt where outcome = 'success'`.execute(
      store.db,
    )
    if (Number(rows[0]?.n) < warmUp + tasks) throw new Error(`only ${rows[0]?.n} attempts are finished`)
    printFigure({
      name: `claim and finish through HTTP by ${delegates} delegates on PostgreSQL`,
      value: tasks / seconds,
      unit: 'tasks/s',
      bound: { value: 500, at: 'least', source: 'requirement' },
      note: `${tasks} tasks; manager, delegates and server on the same machine`,
    })
  } finally {
    child.disconnect()
    await once(child, 'exit')
    agent.destroy()
    await store.close()
    await sql`drop database ${sql.id(name)} with (force)`.execute(admin.db)
    await admin.close()
  }
}

function never(): AbortSignal {
  return new AbortController().signal
}

async function fill(store: Store): Promise<void> {
  await store.db
    .insertInto('delegate_token')
    .values({ identifier: 't', name: 't', token_hash: hashToken(joinToken), status: 'ACTIVE', created_by: 'bench' })
    .execute()
  await sql`insert into organization (identifier, name) values ('o', 'o')`.execute(store.db)
  const { rows } = await sql<{ id: string }>`insert into project (organization_id, identifier, name)
    select id, 'p', 'p' from organization returning id`.execute(store.db)
  const projectId = rows[0]?.id ?? ''
  const target = {
    dbSchema: 'shop',
    dbInstance: 'dev',
    source: {
      type: 'git' as const,
      url: 'https://git.example.com/shop.git',
      reference: { branch: 'main' },
      path: 'c.yaml',
    },
    connection: { url: 'jdbc:postgresql://db:5432/shop', username: 'shop' },
    contexts: '',
    labelFilter: '',
    substituteProperties: {},
  }
  await store.transaction(async (tx) => {
    for (let n = 0; n < warmUp + tasks + delegates * 10; n += 1) {
      const [attempt, execution] = [randomUUID(), randomUUID()]
      await sql`insert into execution (id, project_id, pipeline, pipeline_name, number, status, yaml, state, trigger_type,
        triggered_by, triggered_by_name) values (${execution}, ${projectId}, 'p', 'p', ${n}, 'Running', '', '{}', 'MANUAL',
        'bench', 'bench')`.execute(tx)
      const spec = {
        attempt,
        execution,
        node: 'dev.deploy.apply',
        pipeline: 'p',
        project: { org: 'o', project: 'p' },
        timeoutSeconds: 600,
        work: { type: 'DBSchemaApply' as const, ...target, preStartTag: 'before' },
      }
      await enqueue(tx, { spec, projectId, number: 1, instanceKey: attempt, delegateSelectors: ['delegate'] })
    }
  })
  await sql`analyze`.execute(store.db)
}

async function join(baseUrl: string, name: string): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const signingKey = publicKey.export({ format: 'jwk' }).x ?? ''
  const sealingKey = createSealingKeys().publicKey
  const proven = Buffer.from(`sluice-register-v1|${joinToken}|${signingKey}|${sealingKey}`)
  const { delegate } = await post<{ delegate: string }>(`${baseUrl}/d/v1/register`, undefined, {
    token: joinToken,
    name,
    tags: ['delegate'],
    version: '0',
    signingKey,
    sealingKey,
    proof: sign(null, proven, privateKey).toString('base64url'),
  })
  const now = Math.floor(Date.now() / 1000)
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer(delegate)
    .setSubject(delegate)
    .setAudience('sluice-manager')
    .setJti(randomUUID())
    .setIssuedAt(now)
    .setExpirationTime(now + 55)
    .sign(privateKey)
  return (await post<{ accessToken: string }>(`${baseUrl}/d/v1/token`, undefined, { assertion })).accessToken
}

/** All delegates work until `count` tasks are done together. */
async function drain(baseUrl: string, tokens: readonly string[], count: number): Promise<void> {
  let done = 0
  const work = async (token: string): Promise<void> => {
    while (done < count) {
      const body = { instance: 'i', freeSlots: 10, running: [], capacity: 10, holdSeconds: 1 }
      const { offers } = await post<{ offers: Offer[] }>(`${baseUrl}/d/v1/poll`, token, body)
      for (const { attempt, fence } of offers) {
        if (done >= count) return
        const address = `${baseUrl}/d/v1/attempts/${attempt}`
        const accepted = await post<{ fence: string; attemptToken: string }>(`${address}/accept`, token, {
          fence,
          instance: 'i',
        })
        const report = { fence: accepted.fence, outcome: 'success', output: {}, logs: {} }
        await post(`${address}/finish`, accepted.attemptToken, report)
        done += 1
      }
    }
  }
  await Promise.all(tokens.map(work))
}

function post<T>(address: string, token: string | undefined, body: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    }
    const sent = request(address, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (text += part))
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode !== undefined && response.statusCode < 300) resolve(JSON.parse(text) as T)
        else reject(new Error(`${address}: HTTP ${response.statusCode} ${text}`))
      })
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}

/** The other process: queue, delegate protocol and HTTP as in the manager, without pipelines that react to attempts. */
async function serve(url: string): Promise<void> {
  const store = await openStore({ location: { kind: 'postgresql', url }, migrate: async () => {} }, never())
  const known: KnownProtocolTokens = new KnownTokens()
  const dependencies = {
    store,
    hub: createHub(store),
    observers: [],
    sealSecrets: async () => ({ sealed: [], places: [] }),
    random: randomBytes,
    known,
  }
  const running = await startServer({
    handlers: protocolHandlers(dependencies),
    authenticate: createAuthenticate(store, known),
    log: pino({ level: 'warn' }),
    version: '0',
    createId: randomUUID,
    host: '127.0.0.1',
    port: 0,
  })
  process.send?.({ url: running.url })
  process.on('disconnect', () => process.exit(0))
}

const storeUrl = process.env['SLUICE_BENCH_STORE']
if (storeUrl !== undefined) await serve(storeUrl)
else if (server === undefined) console.log('NOT RUN: claim. Set SLUICE_TEST_POSTGRES_URL to a PostgreSQL server.')
else await measure(server)
