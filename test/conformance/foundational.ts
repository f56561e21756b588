// Suite `foundational`: four changelogs in four formats on one database: validate, update, tag, history, status, rollback.
import { Fault } from '#contract/fault'
import { rollback } from '#engine/rollback'
import { status } from '#engine/status'
import { tag } from '#engine/tag'
import { update } from '#engine/update'
import { validate } from '#engine/validate'
import { historyTable } from '#engine/history/table'
import type { Case, Corpus } from './corpus.ts'
import { allOf } from './difference.ts'
import type { Live } from './live.ts'
import { engineOn, silent } from './live-change.ts'
import { printed, rowMatches } from './result-set.ts'

export async function runFoundational(corpus: Corpus, live: Live, one: Case): Promise<string | undefined> {
  const database = await live.clean()
  live.spoil()
  const files = one.changelogs ?? []
  const contextFor = async (file: string) => await engineOn(database, corpus, one, file)
  for (const file of files) await validate(await contextFor(file))
  for (const file of files) await update(await contextFor(file), {}, silent)
  const context = await contextFor(files[0] ?? '')
  await tag(context, 'test_tag')
  const pending: string[] = []
  for (const file of files) {
    const now = await status(await contextFor(file))
    if (now.pending.length > 0) pending.push(`${file} is not up to date after its update`)
  }
  const { rows } = await database.session.execute(`SELECT * FROM ${historyTable(context)}`)
  const recorded = JSON.parse(corpus.text(one.expectedResultSet ?? '')) as Readonly<Record<string, unknown>>
  const wanted = recorded[one.resultKey ?? ''] as readonly Readonly<Record<string, unknown>>[]
  const actual = rows.map(printed)
  const missing = wanted.filter((row) => !actual.some((other) => rowMatches(row, other, false)))
  const difference =
    missing.length === 0 && wanted.length === actual.length
      ? undefined
      : [
          `expected ${wanted.length} rows, got ${actual.length}`,
          ...missing.map((row) => `  - ${JSON.stringify(row)}`),
          ...actual.map((row) => `  + ${JSON.stringify(row)}`),
        ].join('\n')
  const queries = (one.checkingSqls ?? []).map((path) => corpus.text(path))
  for (const query of queries) await database.session.execute(query)
  for (const file of files.toReversed()) await rollback(await contextFor(file), { count: 1 }, {}, silent)
  const alive: string[] = []
  for (const query of queries) {
    const left = await database.session.execute(query).catch((error: unknown) => {
      if (error instanceof Fault && error.code === 'statement-failed') return undefined
      throw error
    })
    if (left !== undefined && left.rows.length > 0) alive.push(`after the rollback there are rows: ${query}`)
  }
  return allOf(...pending, difference, ...alive)
}
