// The control plane on PostgreSQL with 10,000 instances, 200 schemas of 500 change sets and 1,000 past runs: how long lists and the
// matrix take, how many starts it takes, and what it needs when nothing happens. The short form has a tenth of the rows.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { migrateStore } from '#cli/process/store-migration'
import { api } from '#contract/api/index'
import type { Endpoint } from '#contract/endpoint'
import { hashToken } from '#manager/access/token'
import { openStore } from '#manager/store/open'
import type { Store } from '#manager/store/port'
import { addAdmin, nameOf, releaseYaml, scope, seed } from './control-seed.ts'
import { percentile, printFigure } from './figure.ts'
import { firstAnswer, freePort, main, processorSeconds, residentMegabytes, stop } from './process.ts'

const long = process.env['SLUICE_BENCH_LONG'] !== undefined
const size = long
  ? { schemas: 200, instancesOfEach: 50, changeSetsOfEach: 500, executions: 1000 }
  : { schemas: 20, instancesOfEach: 50, changeSetsOfEach: 500, executions: 1000 }
const rounds = long ? 40 : 20
const startSeconds = long ? 60 : 10
const idleSeconds = long ? 30 : 10
const startsEachSecond = 50

interface Client {
  readonly url: string
  readonly headers: Record<string, string>
}

async function call({ url, headers }: Client, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

/** What stands in the path of a list, what it wants in its query, and in its body. */
const parameters: Readonly<Record<string, string>> = {
  ...scope,
  dbschema: nameOf.schema,
  dbinstance: nameOf.instance,
  pipeline: nameOf.pipeline,
  execution: nameOf.execution,
}
const deployed = { planExecutionId: 'e_7', stageExecutionId: 'main', stepType: 'DBSchemaApply', pipeline: 'p_8' }
const bodies: Readonly<Record<string, unknown>> = {
  getDeployedState: deployed,
  platformFilterConnectors: { filterType: 'Connector' },
  platformFilterSecrets: { filterType: 'Secret' },
  platformFilterSecretsAgain: { filterType: 'Secret' },
  listAudits: { filterType: 'Audit', scopes: [{ orgIdentifier: scope.org, projectIdentifier: scope.project }] },
}
const queries: Readonly<Record<string, string>> = {
  listTriggers: `targetIdentifier=${nameOf.pipeline}&`,
  listInputSets: `pipeline=${nameOf.pipeline}&`,
  platformListInputSets: `pipelineIdentifier=${nameOf.pipeline}&`,
  listSnapshotObjectNames: 'objectType=Table&',
  listAccessKeys: 'apiKeyType=USER&parentIdentifier=admin@example.com&',
  listAccessTokens: 'apiKeyType=USER&parentIdentifier=admin@example.com&apiKeyIdentifier=k&',
}
/** They answer 404 as long as there is none. */
const without = new Set(['listAccessTokens', 'listSnapshotObjectNames'])

/** Beside the lists: pages that people open. */
const more = ['getOverview', 'getExecution', 'getDefaultAuthoringInstance', 'getDbInstance'] as const

function pathsOf(endpoint: Endpoint): readonly string[] {
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? name)
  const fixed = queries[endpoint.name] ?? ''
  if (!endpoint.paged) return [path]
  if (endpoint.envelope === 'platform') {
    const inScope = `${fixed}orgIdentifier=${scope.org}&projectIdentifier=${scope.project}&`
    return [`${path}?${inScope}pageSize=100`, `${path}?${inScope}pageIndex=3&pageSize=50`]
  }
  return [`${path}?${fixed}limit=100`, `${path}?${fixed}page=3&limit=50`, `${path}?${fixed}search_term=7`]
}

async function measureLists(client: Client): Promise<void> {
  const lists = Object.values<Endpoint>(api).filter(({ paged, name }) => paged && !without.has(name))
  const all = [...lists, ...more.map((name): Endpoint => api[name])]
  const p95: { readonly name: string; readonly milliseconds: number; readonly half: number }[] = []
  for (const endpoint of all) {
    const body = endpoint.body === undefined ? undefined : (bodies[endpoint.name] ?? {})
    const times: number[] = []
    for (const path of pathsOf(endpoint)) {
      // The first answer compiles and plans; a manager gives it once in its life.
      await call(client, endpoint.method, path, body)
      for (let n = 0; n < rounds; n += 1) {
        const began = performance.now()
        await call(client, endpoint.method, path, body)
        times.push(performance.now() - began)
      }
    }
    p95.push({ name: endpoint.name, milliseconds: percentile(times, 0.95), half: percentile(times, 0.5) })
  }
  const slowest = p95.toSorted((a, b) => b.milliseconds - a.milliseconds)
  const [first] = slowest
  const told = slowest
    .slice(0, 6)
    .map(({ name, milliseconds, half }) => `${name} ${milliseconds.toFixed(0)} (median ${half.toFixed(0)})`)
  printFigure({
    name: `slowest of ${all.length} lists and matrices, p95`,
    value: first?.milliseconds ?? Number.NaN,
    unit: 'ms',
    bound: { value: 150, at: 'most', source: 'requirement' },
    note: `of ${size.schemas * size.instancesOfEach} instances; ${told.join(', ')}`,
  })
}

/** Each on another instance as long as there are some: runs on one instance wait for each other. */
function start(client: Client, number: number): Promise<unknown> {
  const schema = 1 + (number % size.schemas)
  const instance = 1 + (Math.floor(number / size.schemas) % size.instancesOfEach)
  return call(client, 'POST', `/v1/orgs/${scope.org}/projects/${scope.project}/pipelines/release/execute`, {
    inputs: { 'variables.schema.value': `s_${schema}`, 'variables.instance.value': `i_${schema}_${instance}` },
  })
}

/** A hundred at once, on a hundred instances: how long until each has put its first step into the queue. */
async function measureAtOnce(client: Client, store: Store): Promise<void> {
  const began = performance.now()
  await Promise.all(Array.from({ length: 100 }, (_, n) => start(client, n)))
  while (performance.now() - began < 60_000) {
    const { rows } = await sql<{
      n: string
    }>`select count(*) as n from attempt join execution on execution.id = execution_id
      where execution.pipeline = 'release'`.execute(store.db)
    if (Number(rows[0]?.n) === 100) break
    await sleep(20)
  }
  printFigure({
    name: 'a hundred runs started at once: the last one has its step in the queue',
    value: (performance.now() - began) / 1000,
    unit: 's',
    bound: { value: 10, at: 'most', source: 'all progress' },
  })
}

/** Starts at a fixed rate, whatever the answers take. */
async function measureStarts(client: Client): Promise<void> {
  const times: number[] = []
  const open: Promise<void>[] = []
  let failed = 0
  const began = performance.now()
  const total = startSeconds * startsEachSecond
  for (let n = 0; n < total; n += 1) {
    const wait = began + (n * 1000) / startsEachSecond - performance.now()
    if (wait > 0) await sleep(wait)
    const at = performance.now()
    open.push(
      start(client, 100 + n).then(
        () => void times.push(performance.now() - at),
        (error: unknown) => {
          failed += 1
          if (failed === 1) console.log(`         ${(error as Error).message}`)
        },
      ),
    )
  }
  await Promise.all(open)
  const seconds = (performance.now() - began) / 1000
  printFigure({
    name: `starts each second, for ${startSeconds} s`,
    value: (total - failed) / seconds,
    unit: '1/s',
    // One answer may take a moment longer than the last start.
    bound: { value: startsEachSecond * 0.95, at: 'least', source: 'requirement' },
    note: `p95 ${percentile(times, 0.95).toFixed(0)} ms; ${failed} failed`,
  })
}

async function measureIdle(pid: number): Promise<void> {
  await sleep(5000)
  const before = processorSeconds(pid)
  await sleep(idleSeconds * 1000)
  printFigure({
    name: 'idle manager, processor',
    value: (100 * (processorSeconds(pid) - before)) / idleSeconds,
    unit: '%',
    bound: { value: 2, at: 'most', source: 'requirement' },
  })
  printFigure({
    name: 'idle manager, memory',
    value: residentMegabytes(pid),
    unit: 'MB',
    bound: { value: 350, at: 'most', source: 'requirement' },
    note: 'after all of the above',
  })
}

async function bench(address: string): Promise<void> {
  const name = `sluice_bench_control_${process.pid}`
  const never = new AbortController().signal
  const admin = await openStore({ location: { kind: 'postgresql', url: address }, migrate: async () => {} }, never)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-control-'))
  await sql`create database ${sql.id(name)}`.execute(admin.db)
  const location = new URL(address)
  location.pathname = `/${name}`
  const store = await openStore(
    { location: { kind: 'postgresql', url: location.href }, migrate: migrateStore(() => {}) },
    never,
  )
  let manager: ChildProcess | undefined
  try {
    const began = performance.now()
    await seed(store, size)
    const headers = await addAdmin(store, hashToken)
    console.log(`         rows written in ${((performance.now() - began) / 1000).toFixed(0)} s`)
    const port = await freePort()
    const words = ['manager', '--data', folder, '--port', String(port), '--store', location.href]
    manager = spawn(process.execPath, [main, ...words], { stdio: 'ignore' })
    const url = `http://127.0.0.1:${port}`
    await firstAnswer(`${url}/v1/health`)
    const client = { url, headers }
    await measureIdle(manager.pid ?? 0)
    await measureLists(client)
    const pipelines = `/v1/orgs/${scope.org}/projects/${scope.project}/pipelines`
    const body = { identifier: 'release', name: 'Release', pipeline_yaml: releaseYaml('release') }
    await call(client, 'POST', pipelines, body)
    await measureAtOnce(client, store)
    await measureStarts(client)
    await sql`delete from execution where pipeline = 'release'`.execute(store.db)
    await measureIdle(manager.pid ?? 0)
  } finally {
    if (manager) await stop(manager)
    await store.close()
    await sql`drop database ${sql.id(name)} with (force)`.execute(admin.db)
    await admin.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const address = process.env['SLUICE_TEST_POSTGRES_URL']
if (address === undefined) console.log('NOT RUN: control. Set SLUICE_TEST_POSTGRES_URL to a PostgreSQL server.')
else await bench(address)
