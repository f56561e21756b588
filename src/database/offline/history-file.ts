// The history of a database that is not there: a CSV file with the columns of DATABASECHANGELOG, as the original engine keeps it.
import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { readCsv } from '#change/csv'
import { type Diagnostic, formatDiagnostic } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import type { OfflineRow } from '../port.ts'

/** In the order of the file. */
export const historyColumns = [
  'ID',
  'AUTHOR',
  'FILENAME',
  'DATEEXECUTED',
  'ORDEREXECUTED',
  'EXECTYPE',
  'MD5SUM',
  'DESCRIPTION',
  'COMMENTS',
  'TAG',
  'LIQUIBASE',
  'CONTEXTS',
  'LABELS',
  'DEPLOYMENT_ID',
] as const

/** Undefined when there is no file yet. Columns that an older file lacks are empty. Fault `database-url-invalid` when it is another file. */
export async function readHistoryFile(file: string): Promise<readonly OfflineRow[] | undefined> {
  const text = await textOf(file)
  if (text === undefined) return undefined
  const problems: Diagnostic[] = []
  const options = { file, separator: ',', quote: '"', comment: '' }
  const [head, ...records] = [...readCsv(text, options, (found) => problems.push(found))]
  const problem = problems[0]
  if (problem) throw unusable(file, formatDiagnostic(problem))
  const names = (head?.cells ?? []).map((cell) => cell.toUpperCase())
  // The original engine's clear-checksums empties the name of a column, too; its place still tells which it is.
  const columns = names.map((name, index) => (name === '' ? (historyColumns[index] ?? '') : name))
  if (!columns.includes('ID') || !columns.includes('FILENAME')) {
    throw unusable(file, `its first line has no columns ID and FILENAME but ${names.join(', ')}`)
  }
  return records.map(({ cells }) => Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? ''])))
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(resolve(file), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unusable(file, (error as Error).message)
  }
}

/** Whole or not at all: under another name first. */
export async function writeHistoryFile(file: string, rows: readonly OfflineRow[]): Promise<void> {
  const lines = [line(historyColumns), ...rows.map((row) => line(historyColumns.map((name) => row[name] ?? null)))]
  const path = resolve(file)
  const draft = `${path}.${randomBytes(4).toString('hex')}.new`
  try {
    await writeFile(draft, lines.join(''))
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw unusable(file, (error as Error).message)
  }
}

/** Null is nothing at all, an empty text a pair of quotes. */
const line = (cells: readonly (string | null)[]): string =>
  `${cells.map((cell) => (cell === null ? '' : `"${cell.replaceAll('"', '""')}"`)).join(',')}\n`

const unusable = (file: string, why: string): Fault =>
  new Fault('database-url-invalid', `The history file ${file} cannot be used: ${why}`, {
    hint: 'Check changeLogFile of the offline URL.',
  })
