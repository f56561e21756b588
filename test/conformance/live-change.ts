// Suites `change`, `data` and `snapshot` on live databases: script, update, schema or rows, second update, checksums, rollback.
import { join } from 'node:path'
import { folderSource } from '#changelog/folder'
import { Fault } from '#contract/fault'
import type { Database } from '#database/port'
import type { EngineContext } from '#engine/context'
import { history } from '#engine/history'
import { contextOf } from '#engine/open'
import type { ProgressListener } from '#engine/plan'
import { rollback } from '#engine/rollback'
import { updateSql } from '#engine/sql'
import { update } from '#engine/update'
import { clean, filledIn } from './clean.ts'
import type { Case, Corpus } from './corpus.ts'
import { allOf, compare, differenceOf } from './difference.ts'
import { snapshotOf } from './introspection.ts'
import type { Live } from './live.ts'
import { resultSetDifference } from './result-set.ts'
import { snapshotDifference } from './snapshot-match.ts'

/** What one run of a case found, by what was compared. */
export interface CaseFindings {
  /** Steps other than the snapshot. */
  readonly engine: string | undefined
  /** Absent when the case has no expected snapshot. */
  readonly snapshot: (() => string | undefined) | undefined
}

export const silent: ProgressListener = {
  changeSetStarted: () => Promise.resolve(),
  changeSetFinished: () => Promise.resolve(),
  line: () => {},
  mayContinue: () => Promise.resolve(),
}

export async function engineOn(
  database: Database,
  corpus: Corpus,
  one: Case,
  changelog: string,
): Promise<EngineContext> {
  return await contextOf(
    { database, host: 'conformance (127.0.0.1)', run: 'conformance', clock: Date.now, log: () => {} },
    { files: folderSource([join(corpus.folder, one.searchPath ?? '')]), changelogFile: changelog },
  )
}

/** Leaves the database as it was, or spoils it. */
export async function runCase(corpus: Corpus, live: Live, one: Case): Promise<CaseFindings> {
  const database = await live.clean()
  try {
    const context = await engineOn(database, corpus, one, one.changelog ?? '')
    const script = one.suite === 'snapshot' ? undefined : await compareScript(corpus, live, one, context)
    await update(context, {}, silent)
    const snapshot = expectsSnapshot(corpus, one) ? await compareSnapshot(corpus, live, one, database) : undefined
    const rows = one.checkingSql === undefined ? undefined : await compareRows(corpus, live, one, database)
    const second = await compareSecond(corpus, one, database)
    await rollbackAll(corpus, one, database)
    return { engine: allOf(script, rows, second), snapshot }
  } catch (error) {
    live.spoil()
    throw error
  }
}

async function compareScript(
  corpus: Corpus,
  live: Live,
  one: Case,
  context: EngineContext,
): Promise<string | undefined> {
  const { sql } = await updateSql(context)
  if (typeof one.expectedSql !== 'string') return undefined
  const expected = filledIn(corpus.text(one.expectedSql), live.names)
  const named = live.names.catalog === null ? expected : expected.replaceAll('lbcat', live.names.catalog)
  const difference = differenceOf(clean(named), clean(sql))
  return difference === undefined ? undefined : `update-sql:\n${difference}`
}

/** An empty one is not compared. */
export function expectsSnapshot(corpus: Corpus, one: Case): boolean {
  if (typeof one.expectedSnapshot !== 'string') return false
  const text = corpus.text(one.expectedSnapshot).replace(/\s/g, '')
  return text !== '' && text !== '{}'
}

/** Later: a difference here must not hide what the other steps find. */
async function compareSnapshot(
  corpus: Corpus,
  live: Live,
  one: Case,
  database: Database,
): Promise<() => string | undefined> {
  const text = corpus.text(one.expectedSnapshot ?? '')
  const named = live.names.catalog === null ? text : text.replaceAll('lbcat', live.names.catalog)
  try {
    const actual = await snapshotOf(database)
    return () => snapshotDifference(JSON.parse(named), actual)
  } catch (error) {
    return () => {
      throw error
    }
  }
}

async function compareRows(corpus: Corpus, live: Live, one: Case, database: Database): Promise<string | undefined> {
  const expected = JSON.parse(corpus.text(one.expectedResultSet ?? '')) as Readonly<Record<string, unknown>>
  if (Object.keys(expected).length === 0) return undefined
  const sql = clean(filledIn(corpus.text(one.checkingSql ?? ''), live.names))
  const { rows } = await database.session.execute(sql)
  return resultSetDifference(expected[one.resultKey ?? ''], rows)
}

/** The second update finds nothing to do, and the history holds the recorded checksums. */
async function compareSecond(corpus: Corpus, one: Case, database: Database): Promise<string | undefined> {
  const context = await engineOn(database, corpus, one, one.changelog ?? '')
  const again = await update(context, {}, silent)
  const due = again.plan.steps.filter(({ changeSet }) => !changeSet.runAlways)
  const rows = await history(context)
  const checksums = (one.checksums ?? []).map(({ changeSet, v9, v9Stored, v9WithoutRawDate }) => {
    const row = rows.find(({ fileName, id, author }) => `${fileName}::${id}::${author}` === changeSet)
    return row && compare(`MD5SUM of ${changeSet}`, v9WithoutRawDate ?? v9Stored ?? v9, row.checksum)
  })
  const idle = due.length === 0 ? undefined : `the second update would run ${due.length} change sets again`
  return allOf(idle, ...checksums)
}

export async function rollbackAll(corpus: Corpus, one: Case, database: Database): Promise<void> {
  const context = await engineOn(database, corpus, one, one.changelog ?? '')
  const rows = await history(context)
  await rollback(context, { count: rows.length }, {}, silent)
  const left = await history(context)
  if (left.length > 0) throw new Fault('rollback-impossible', `${left.length} rows are left in the history`)
}
