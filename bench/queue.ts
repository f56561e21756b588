// A manager with work queue, delegate protocol and HTTP in a process of its own on a fresh PostgreSQL database; delegates that are
// played over HTTP. What the benches of the protocol share.
import { type ChildProcess, fork } from 'node:child_process'
import { generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { SignJWT } from 'jose'
import { sql } from 'kysely'
import { pino } from 'pino'
import { migrateStore } from '#cli/process/store-migration'
import { createSealingKeys } from '#contract/delegate/seal'
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
import { keepQueue } from '#manager/work/keeper'

export interface Queue {
  readonly url: string
  readonly store: Store
  /** The process of the manager. */
  readonly child: ChildProcess
  /** With which delegates join. */
  readonly joinToken: string
  /** Puts attempts into the queue in one transaction, each on an instance of its own; gives their ids. */
  fill(attempts: number): Promise<readonly string[]>
  /** A delegate that has joined; gives its access token. */
  join(name: string): Promise<string>
  post<T>(path: string, token: string | undefined, body: unknown): Promise<T>
  /** Bytes of a stream. */
  put(path: string, token: string, bytes: Uint8Array): Promise<unknown>
  close(): Promise<void>
}

const never = (): AbortSignal => new AbortController().signal
const joinToken = `sdt.${randomUUID()}`

/** Undefined, and a line that says so, when there is no server to run on. */
export async function openQueue(bench: string, sockets = 16): Promise<Queue | undefined> {
  const address = process.env['SLUICE_TEST_POSTGRES_URL']
  if (address === undefined) {
    console.log(`NOT RUN: ${bench}. Set SLUICE_TEST_POSTGRES_URL to a PostgreSQL server.`)
    return undefined
  }
  const name = `sluice_bench_${bench}_${process.pid}`
  const admin = await openStore({ location: { kind: 'postgresql', url: address }, migrate: async () => {} }, never())
  await sql`create database ${sql.id(name)}`.execute(admin.db)
  const location = new URL(address)
  location.pathname = `/${name}`
  const store = await openStore(
    { location: { kind: 'postgresql', url: location.href }, migrate: migrateStore(() => {}) },
    never(),
  )
  const child = fork(fileURLToPath(import.meta.url), {
    env: { ...process.env, SLUICE_BENCH_QUEUE: location.href },
  })
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  const projectId = await seed(store)
  const agent = new Agent({ keepAlive: true, maxSockets: sockets })
  const post = <T>(path: string, token: string | undefined, body: unknown): Promise<T> =>
    send(agent, 'POST', `${url}${path}`, token, 'application/json', JSON.stringify(body))
  let filled = 0
  return {
    url,
    store,
    child,
    joinToken,
    post,
    put: (path, token, bytes) => send(agent, 'PUT', `${url}${path}`, token, 'application/octet-stream', bytes),
    fill: (attempts) =>
      store.transaction(async (tx) => {
        const ids: string[] = []
        for (let n = 0; n < attempts; n += 1) ids.push(await add(tx, projectId, (filled += 1)))
        return ids
      }),
    join: (delegate) => joinAs(delegate, post),
    close: async () => {
      child.disconnect()
      await once(child, 'exit')
      agent.destroy()
      await store.close()
      await sql`drop database ${sql.id(name)} with (force)`.execute(admin.db)
      await admin.close()
    },
  }
}

async function seed(store: Store): Promise<string> {
  await store.db
    .insertInto('delegate_token')
    .values({ identifier: 't', name: 't', token_hash: hashToken(joinToken), status: 'ACTIVE', created_by: 'bench' })
    .execute()
  await sql`insert into organization (identifier, name) values ('o', 'o')`.execute(store.db)
  const { rows } = await sql<{ id: string }>`insert into project (organization_id, identifier, name)
    select id, 'p', 'p' from organization where identifier = 'o' returning id`.execute(store.db)
  return rows[0]?.id ?? ''
}

async function add(tx: Parameters<typeof enqueue>[0], projectId: string, number: number): Promise<string> {
  const [attempt, execution] = [randomUUID(), randomUUID()]
  await sql`insert into execution (id, project_id, pipeline, pipeline_name, number, status, yaml, state, trigger_type,
    triggered_by, triggered_by_name) values (${execution}, ${projectId}, 'p', 'p', ${number}, 'Running', '', '{}', 'MANUAL',
    'bench', 'bench')`.execute(tx)
  const spec = {
    attempt,
    execution,
    node: 'dev.deploy.apply',
    pipeline: 'p',
    project: { org: 'o', project: 'p' },
    timeoutSeconds: 600,
    work: {
      type: 'DBSchemaApply' as const,
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
      preStartTag: 'before',
    },
  }
  await enqueue(tx, { spec, projectId, number: 1, instanceKey: attempt, delegateSelectors: ['delegate'] })
  return attempt
}

async function joinAs(name: string, post: Queue['post']): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const signingKey = publicKey.export({ format: 'jwk' }).x ?? ''
  const sealingKey = createSealingKeys().publicKey
  const proven = Buffer.from(`sluice-register-v1|${joinToken}|${signingKey}|${sealingKey}`)
  const proof = sign(null, proven, privateKey).toString('base64url')
  const body = { token: joinToken, name, tags: ['delegate'], version: '0', signingKey, sealingKey, proof }
  const { delegate } = await post<{ delegate: string }>('/d/v1/register', undefined, body)
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
  return (await post<{ accessToken: string }>('/d/v1/token', undefined, { assertion })).accessToken
}

function send<T>(
  agent: Agent,
  method: 'POST' | 'PUT',
  address: string,
  token: string | undefined,
  type: string,
  body: string | Uint8Array,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
    const sent = request(address, { method, agent, headers }, (response) => {
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
    sent.end(body)
  })
}

interface Offer {
  readonly attempt: string
  readonly fence: string
}

/** One attempt that a delegate has accepted and whose step has started. */
export async function acceptOne(queue: Queue): Promise<Offer & { readonly attemptToken: string }> {
  await queue.fill(1)
  const token = await queue.join('delegate')
  const poll = { instance: 'i', freeSlots: 1, running: [], capacity: 1, holdSeconds: 5 }
  const { offers } = await queue.post<{ offers: Offer[] }>('/d/v1/poll', token, poll)
  const [offer] = offers
  if (!offer) throw new Error('Nothing was offered.')
  const path = `/d/v1/attempts/${offer.attempt}`
  const accepted = await queue.post<{ fence: string; attemptToken: string }>(`${path}/accept`, token, {
    fence: offer.fence,
    instance: 'i',
  })
  await queue.post(`${path}/start`, accepted.attemptToken, { fence: accepted.fence })
  return { attempt: offer.attempt, ...accepted }
}

/** The other process: queue, delegate protocol, housekeeping and HTTP as in the manager, without pipelines that react to attempts. */
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
  void keepQueue({ store, observers: [], log: console.log }, never())
  process.send?.({ url: running.url })
  process.on('disconnect', () => process.exit(0))
}

const storeUrl = process.env['SLUICE_BENCH_QUEUE']
if (storeUrl !== undefined && process.send) await serve(storeUrl)
