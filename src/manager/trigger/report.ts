// Tells Git hosts of the runs that their deliveries started: a commit status, and one comment on the pull request with the SQL.
//
// A row says what is to be told and not what: that is read from the store at the moment of sending, so that a crash, a host that is
// away and a change in between all end with the host knowing how it is.
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Fetch } from '#contract/client'
import { isFinal, positiveStatuses } from '#contract/pipeline/status'
import type { GitProvider } from '#pipeline/trigger/document'
import { claimDue, sendDue } from '../outbox/due.ts'
import { inAbout, messageOf, MOST_TRIES, pauseAfter } from '../outbox/retry.ts'
import type { RootKeys } from '../secret/envelope.ts'
import type { Store, StoreTransaction } from '../store/port.ts'
import { recordDecision } from './history.ts'
import { type CommitState, type GitHost, HostRefusal, openHost } from './host.ts'
import type { ReportedRun } from './receive.ts'
import { commentOf, readRunReport, type RunReport } from './report-text.ts'

export interface ReportDependencies {
  readonly store: Store
  readonly rootKeys: RootKeys
  readonly fetch: Fetch
  /** Where browsers reach the manager; absent: no links. */
  readonly publicUrl: string | undefined
  readonly createId: () => string
  readonly log: (line: string) => void
}

/** A run is looked at so often while it goes on, in seconds. */
const lookAgain = 3

/** In the transaction of the start: what is started is told, whatever happens. A newer run of a pull request takes its comment over. */
export async function requestReports(
  tx: StoreTransaction,
  { execution, trigger, source, event }: ReportedRun,
): Promise<void> {
  const { commit, repository, pullRequest } = event
  if (commit === undefined || repository === undefined) return
  const common = {
    project_id: trigger.project_id,
    execution_id: execution,
    provider: source.provider,
    connector: source.connectorRef,
    repository,
    commit,
    pull_request: pullRequest ?? null,
  }
  await tx
    .insertInto('git_report')
    .values({ ...common, kind: 'status', target: `status ${execution}` })
    .execute()
  if (pullRequest === undefined) return
  const target = `comment ${trigger.project_id} ${trigger.pipeline} ${source.provider} ${repository.toLowerCase()} ${pullRequest}`
  await tx
    .insertInto('git_report')
    .values({ ...common, kind: 'comment', target })
    .onConflict((conflict) =>
      conflict.column('target').doUpdateSet({ ...common, state: 'open', tries: 0, error: null, next_at: sql`now()` }),
    )
    .execute()
}

interface Row {
  readonly id: string
  readonly project_id: string
  readonly kind: string
  readonly execution_id: string
  readonly provider: string
  readonly connector: string
  readonly repository: string
  readonly commit: string
  readonly pull_request: number | null
  readonly remote_id: string | null
  readonly sent_digest: string | null
  readonly tries: number
}

/** Sends what is due; any number of replicas may do it. Gives how many calls were made, good or not. */
export function sendReports(dependencies: ReportDependencies): Promise<number> {
  const { store, log } = dependencies
  return sendDue(store.db, 'git_report', (id) => sendOne(dependencies, id), log)
}

async function sendOne(dependencies: ReportDependencies, id: string): Promise<boolean> {
  const row = await claim(dependencies, id)
  if (!row) return false
  const run = await readRunReport(dependencies.store.db, row.execution_id, row.kind === 'comment')
  const text = JSON.stringify([row.kind, row.execution_id, run.status, run.plans])
  const digest = createHash('sha256').update(text).digest('hex')
  if (digest === row.sent_digest) {
    await settle(dependencies, row, { state: isFinal(run.status) ? 'done' : 'open', next: lookAgain, tries: 0 })
    return false
  }
  try {
    const source = { provider: row.provider as GitProvider, connectorRef: row.connector }
    const { store, rootKeys: keys, fetch } = dependencies
    const host = await openHost({ db: store.db, keys, fetch }, row.project_id, source, { repository: row.repository })
    const remote = await send(dependencies, host, row, run)
    const state = isFinal(run.status) ? 'done' : 'open'
    await settle(dependencies, row, { state, next: lookAgain, tries: 0, digest, remote })
  } catch (error) {
    await fail(dependencies, row, run, error)
  }
  return true
}

async function claim({ store }: ReportDependencies, id: string): Promise<Row | undefined> {
  if (!(await claimDue(store.db, 'git_report', id))) return undefined
  return store.db
    .selectFrom('git_report')
    .where('id', '=', id)
    .select([
      'id',
      'project_id',
      'kind',
      'execution_id',
      'provider',
      'connector',
      'repository',
      'commit',
      'pull_request',
      'remote_id',
      'sent_digest',
      'tries',
    ])
    .executeTakeFirst()
}

async function send(
  { publicUrl }: ReportDependencies,
  host: GitHost,
  row: Row,
  run: RunReport,
): Promise<string | undefined> {
  const url =
    publicUrl === undefined ? undefined : `${publicUrl}/orgs/${run.org}/projects/${run.project}/executions/${run.id}`
  const name = `sluice/${run.project}/${run.pipeline}`
  if (row.kind === 'status') {
    const description = `Run ${run.number}: ${run.status}`
    await host.setStatus({ commit: row.commit, name, state: stateOf(run), description, url })
    return undefined
  }
  const marker = host.marker(`sluice ${run.org}/${run.project}/${run.pipeline}`)
  const text = commentOf(run, { marker, url, commit: row.commit, longest: host.longestComment })
  const pullRequest = row.pull_request ?? 0
  try {
    return await host.comment(pullRequest, text, marker, row.remote_id ?? undefined)
  } catch (error) {
    if (row.remote_id === null || !(error instanceof HostRefusal) || error.status !== 404) throw error
    // Somebody deleted it.
    return host.comment(pullRequest, text, marker, undefined)
  }
}

function stateOf({ status }: RunReport): CommitState {
  if (!isFinal(status)) return 'running'
  if (status === 'Aborted') return 'stopped'
  return positiveStatuses.has(status) ? 'good' : 'bad'
}

interface Settled {
  readonly state: 'open' | 'done' | 'dead'
  readonly next: number
  readonly tries: number
  readonly digest?: string
  readonly remote?: string | undefined
  readonly error?: string
}

/** What was sent is remembered in any case; the rest only while the row is about the same run. */
async function settle({ store }: ReportDependencies, row: Row, settled: Settled): Promise<void> {
  const { state, next, tries, digest, remote, error = null } = settled
  await store.transaction(async (tx) => {
    const own = tx.updateTable('git_report').where('id', '=', row.id)
    if (digest !== undefined)
      await own.set({ sent_digest: digest, ...(remote === undefined ? {} : { remote_id: remote }) }).execute()
    await own
      .set({ state, tries, error, next_at: inAbout(next), updated_at: sql`now()` })
      .where('execution_id', '=', row.execution_id)
      .execute()
  })
}

/** Tried again after 10 s, 20 s, … 30 min; then it is given up, which the history of the trigger says. */
async function fail(dependencies: ReportDependencies, row: Row, run: RunReport, error: unknown): Promise<void> {
  const { store, createId } = dependencies
  const tries = row.tries + 1
  const message = messageOf(error)
  const dead = tries >= MOST_TRIES
  await settle(dependencies, row, {
    state: dead ? 'dead' : 'open',
    next: pauseAfter(tries),
    tries,
    error: message.slice(0, 1024),
  })
  if (!dead) return
  await recordDecision(store.db, {
    id: createId(),
    delivery: row.execution_id,
    source: row.provider as GitProvider,
    status: 'REPORT_FAILED',
    reason: `The ${row.kind === 'status' ? 'status of the commit' : 'comment on the pull request'} could not be written: ${message}`,
    execution: row.execution_id,
    summary: { commit: row.commit, repository: row.repository },
    projectId: row.project_id,
    names: { pipeline: run.pipeline, trigger: run.trigger },
  })
}
