// What docs/operate/backup.md says, done: a store that is brought back from its backup has its users, secrets, runs and audit trail,
// and what waited for somebody goes on.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startManagerProcess } from '#cli/process/manager'
import { migrateStore } from '#cli/process/store-migration'
import { type ApiClient, signIn } from '#cli/setup/session'
import { type Anchor, verifyAudit } from '#manager/audit/verify'
import { openEnvelope } from '#manager/secret/envelope'
import { placeOf } from '#manager/secret/place'
import { loadRootKeys } from '#manager/secret/root-key'
import { openStore, parseStoreLocation } from '#manager/store/open'
import { newPlace, sayWhatIsMissing, storeKinds, type TestPlace } from '../store/store.ts'

const signal = new AbortController().signal
const here = { org: 'default', project: 'shop' } as const
const email = 'ada@example.org'
const password = 'correct horse battery'
const secretValue = 'tr0ub4dor&3'
const pipeline = `pipeline:
  identifier: gate
  name: Gate
  orgIdentifier: default
  projectIdentifier: shop
  stages:
    - stage:
        identifier: ask
        name: Ask
        type: Approval
        spec:
          execution:
            steps:
              - step:
                  identifier: ok
                  name: Ok
                  type: HarnessApproval
                  timeout: 1d
                  spec: { approvers: { minimumCount: 1, disallowPipelineExecutor: false } }
`

interface Running {
  readonly client: ApiClient
  close(): Promise<void>
}

/** A manager as `sluice manager` starts it, on the folder and, where there is one, the PostgreSQL store. */
async function start(data: string, store: string | undefined): Promise<Running> {
  const started = await startManagerProcess(
    {
      data,
      store,
      host: '127.0.0.1',
      port: 0,
      secure: false,
      trustProxy: false,
      log: pino({ level: 'silent' }),
      prepare: async (users) => void (await users.ensureUser({ email, name: 'Ada', role: 'admin', password })),
    },
    signal,
  )
  return {
    client: await signIn(started.manager.url, email, password),
    close: async () => await started.close(),
  }
}

const run = async (client: ApiClient): Promise<string> =>
  (await client.executePipeline({ params: { ...here, pipeline: 'gate' }, body: {} })).execution_details.execution_id

const statusOf = async (client: ApiClient, execution: string): Promise<string> =>
  (await client.getExecution({ params: { ...here, execution } })).status

async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 50))
}

/** Approves what the execution waits for, and waits for its end. */
async function approve(client: ApiClient, execution: string): Promise<string> {
  const { rows } = await client.listApprovals({ params: here, query: { execution, status: 'WAITING' } })
  const params = { ...here, approval: rows[0]?.id ?? 'none' }
  await client.decideApproval({ params, body: { action: 'APPROVE' } })
  await until(async () => (await statusOf(client, execution)) !== 'ApprovalWaiting')
  return statusOf(client, execution)
}

async function auditOf(client: ApiClient): Promise<{ readonly keys: readonly string[]; readonly last: Anchor }> {
  const { entries, publicKeys } = await client.exportAudit({ query: { limit: 1000 } })
  const last = entries.at(-1)
  if (last === undefined) throw new Error('The audit trail is empty.')
  return { keys: publicKeys, last: { sequence: last.sequence, hash: last.hash } }
}

/** What the built-in secret `db` holds, opened with the key file of the folder. */
async function secretIn(data: string, store: string | undefined): Promise<string> {
  const keys = await loadRootKeys({ file: join(data, 'root.key'), text: undefined, service: undefined }, signal)
  const location = parseStoreLocation(store ?? join(data, 'store'))
  const opened = await openStore({ location, migrate: migrateStore(() => {}) }, signal)
  try {
    const row = await opened.db
      .selectFrom('secret')
      .where('identifier', '=', 'db')
      .selectAll()
      .executeTakeFirstOrThrow()
    return openEnvelope(keys, row.ciphertext ?? '', placeOf(row)).toString('utf8')
  } finally {
    await opened.close()
  }
}

/** The password goes by the environment, as the page says. */
function tool(name: 'pg_dump' | 'pg_restore', args: readonly string[], url: URL): void {
  const address = new URL(url)
  address.password = ''
  const environment = { ...process.env, PGPASSWORD: decodeURIComponent(url.password) }
  execFileSync(name, [...args, `--dbname=${address.href}`], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

sayWhatIsMissing('backup and restore')
describe.each(storeKinds)('on %s', (kind) => {
  let places: TestPlace[]
  let folder: string
  const running: Running[] = []
  const urlOf = ({ location }: TestPlace) => (location.kind === 'postgresql' ? location.url : undefined)
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-restore-'))
    places = kind === 'postgresql' ? [await newPlace(kind), await newPlace(kind)] : []
  })
  afterEach(async () => {
    for (const one of running.splice(0)) await one.close()
    for (const place of places) await place.remove()
    rmSync(folder, { recursive: true })
  })
  const launch = async (data: string, store: string | undefined): Promise<Running> => {
    const one = await start(data, store)
    running.push(one)
    return one
  }

  test('a restored manager has what the old one had, and what waited goes on', async () => {
    const [oldData, newData] = [join(folder, 'old'), join(folder, 'new')]
    const [oldStore, newStore] = places.map(urlOf)
    const before = await launch(oldData, oldStore)
    const { client } = before
    await client.createOrganization({ body: { organization: { identifier: 'default', name: 'Default' } } })
    await client.createProject({ params: { org: 'default' }, body: { project: { identifier: 'shop', name: 'Shop' } } })
    const secret = { type: 'SecretText' as const, identifier: 'db', name: 'DB', spec: { value: secretValue } }
    await client.createSecret({ params: here, body: { secret } })
    await client.createPipeline({ params: here, body: { identifier: 'gate', name: 'Gate', pipeline_yaml: pipeline } })
    const [finished, waiting] = [await run(client), await run(client)]
    expect(await approve(client, finished)).toBe('Success')
    await until(async () => (await statusOf(client, waiting)) === 'ApprovalWaiting')
    await until(async () => JSON.stringify((await client.exportAudit()).entries).includes('approval'))
    const { keys, last } = await auditOf(client)

    if (oldStore !== undefined && newStore !== undefined) {
      // While the manager is at work.
      const file = join(folder, 'sluice.dump')
      tool('pg_dump', ['--format=custom', `--file=${file}`], new URL(oldStore))
      await client.createOrganization({ body: { organization: { identifier: 'late', name: 'After the backup' } } })
      await before.close()
      running.length = 0
      tool('pg_restore', ['--no-owner', '--exit-on-error', '--single-transaction', file], new URL(newStore))
      mkdirSync(newData, { mode: 0o700 })
      cpSync(join(oldData, 'root.key'), join(newData, 'root.key'))
    } else {
      await before.close()
      running.length = 0
      cpSync(oldData, newData, { recursive: true, preserveTimestamps: true })
      rmSync(oldData, { recursive: true })
      expect(existsSync(join(newData, 'root.key'))).toBe(true)
    }
    expect(await secretIn(newData, newStore)).toBe(secretValue)

    const after = await launch(newData, newStore)
    const organizations = await after.client.listOrganizations()
    expect(organizations.rows.map(({ organization }) => organization.identifier)).toEqual(['default'])
    expect(await statusOf(after.client, finished)).toBe('Success')
    expect(await statusOf(after.client, waiting)).toBe('ApprovalWaiting')
    expect(await approve(after.client, waiting)).toBe('Success')
    expect(await approve(after.client, await run(after.client))).toBe('Success')

    // The trail goes on from where the backup ended, with the key of the installation.
    const grown = async () => (await after.client.exportAudit({ query: { after: last.sequence, limit: 1000 } })).entries
    await until(async () => JSON.stringify(await grown()).includes('approval'))
    const { entries } = await after.client.exportAudit({ query: { limit: 1000 } })
    expect(await verifyAudit(entries, { publicKeys: keys, expect: last })).toMatchObject({ problems: [] })
  }, 120_000)
})
