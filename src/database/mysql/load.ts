// LOAD DATA LOCAL instead of INSERT: the same rows in a fraction of the time, where it comes to the same. The server reads from the
// connection; no file is involved.
import { Readable } from 'node:stream'
import type { ColumnValue } from '#change/statement'
import { allReadable, bulkText } from '../bulk-text.ts'
import type { BulkRows, Session } from '../port.ts'

/** How a type of the server reads a text in place of a literal. */
type Reader = 'whole' | 'number' | 'text' | 'time'

const readers: readonly (readonly [Reader, RegExp])[] = [
  ['whole', /^(?:tiny|small|medium|big)?int\b/],
  ['number', /^(?:decimal|double)\b/],
  ['text', /^(?:char|varchar|tinytext|text|mediumtext|longtext|enum)\b/],
  ['time', /^(?:date|datetime|timestamp|time)\b/],
]

/**
 * Whether it comes to what the statements would: a table that a transaction covers, no column that the database makes, and in each
 * column values that its type reads from text as it takes them from a statement.
 */
export async function mayLoad(session: Session, parts: readonly BulkRows[], signal?: AbortSignal): Promise<boolean> {
  const [first] = parts
  if (first === undefined) return false
  const allowed = await session.execute('select @@local_infile as allowed', [], signal)
  if (Number(allowed.rows[0]?.['allowed']) !== 1) return false
  const [created] = (await session.execute(`SHOW CREATE TABLE ${first.table}`, [], signal)).rows
  if (typeof created?.['Create Table'] !== 'string' || !/\bENGINE=InnoDB\b/.test(created['Create Table'])) return false
  const { rows } = await session.execute(`SHOW COLUMNS FROM ${first.table}`, [], signal)
  const columns = first.columns.map((column) => {
    const name = column.replace(/^`|`$/g, '').replaceAll('``', '`').toLowerCase()
    const found = rows.find((row) => String(row['Field']).toLowerCase() === name)
    if (found === undefined || /generated|persistent/i.test(String(found['Extra']))) return undefined
    return readers.find(([, type]) => type.test(String(found['Type']).toLowerCase()))?.[0]
  })
  return allReadable(parts, (index, value) => reads(columns[index], value))
}

function reads(reader: Reader | undefined, value: ColumnValue): boolean {
  if (reader === undefined) return false
  switch (value.kind) {
    case 'null':
    case 'text':
    case 'date':
      return true
    case 'boolean':
      return reader === 'whole'
    case 'numeric':
      return readsNumber(reader, value.text.trim())
    // A number of a data file, as it stands there; anything else that is computed is none.
    case 'computed':
      return readsNumber(reader, value.expression)
    case 'bytes':
    case 'sequence-next':
    case 'sequence-current':
      break
  }
  return false
}

function readsNumber(reader: Reader, text: string): boolean {
  if (reader !== 'whole' && reader !== 'number') return false
  return reader === 'whole' ? /^-?\d{1,20}$/.test(text) : /^-?\d{1,30}(?:\.\d{1,30})?$/.test(text)
}

export const loadText = ({ table, columns }: BulkRows): string =>
  `LOAD DATA LOCAL INFILE 'sluice' INTO TABLE ${table} CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (${columns.join(', ')})`

/** One chunk for the rows of each statement. */
export const loadStream = (parts: readonly BulkRows[]): Readable =>
  Readable.from(bulkText(parts), { objectMode: false })
