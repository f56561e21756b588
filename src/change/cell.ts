// What one cell of a data file is, by the type that the changelog gives its column.
import type { PlainKind } from './plain/lines.ts'
import type { ColumnValue } from './statement.ts'
import { isDigit, numericLiteral, parseDate } from './value.ts'

export const cellTypes = [
  'STRING',
  'NUMERIC',
  'BOOLEAN',
  'DATE',
  'TIME',
  'DATETIME',
  'UUID',
  'CLOB',
  'BLOB',
  'COMPUTED',
  'SEQUENCE',
  'OTHER',
  'UNKNOWN',
  'SKIP',
] as const

export const yes: ReadonlySet<string> = new Set(['true', 't', 'yes', 'y', 'on', '1'])
export const no: ReadonlySet<string> = new Set(['false', 'f', 'no', 'n', 'off', '0'])
const uuid = /^[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}$/i
/** `now()`, `current_date`: a database function where a date is expected. */
const functionCall = /^(?:[\w.]+\([^)]*\)|current_\w+|sysdate|systimestamp|today)$/i

/** What one cell is: the value, or a text that says what the cell should have been. */
export type CellReader = (cell: string) => ColumnValue | string

export const defaultPlaceholder = 'NULL'

/**
 * For the cells of one column, of which a file may have a million. Without a type a cell is text, and an empty one is NULL; only a
 * STRING keeps the empty text. The placeholder for NULL is `NULL`, in any case, unless another one is named.
 */
export function cellReader(type: string | undefined, nullPlaceholder: string | undefined): CellReader {
  const kind = type?.toUpperCase() ?? 'UNKNOWN'
  const written = nullPlaceholder ?? defaultPlaceholder
  const placeholder = written.toLowerCase()
  const { length } = written
  const read = readers[kind] ?? textCell
  const keepsEmpty = kind === 'STRING'
  return (cell) => {
    if (cell.length === length && cell.toLowerCase() === placeholder) return nullCell
    return cell === '' && !keepsEmpty ? nullCell : read(cell)
  }
}

/** How bytes are read as cells of this type, see plain/; undefined where they are not. */
export function plainKindOf(type: string | undefined): PlainKind | undefined {
  const kind = type?.toUpperCase() ?? 'UNKNOWN'
  return plainKinds.get(kind) ?? (kind in readers ? undefined : 'text')
}

const plainKinds: ReadonlyMap<string, PlainKind> = new Map([
  ['STRING', 'string'],
  ['NUMERIC', 'number'],
  ['BOOLEAN', 'boolean'],
  ['DATE', 'date'],
  ['TIME', 'date'],
  ['DATETIME', 'date'],
])

// One for all cells that say so.
const nullCell: ColumnValue = { kind: 'null' }
const yesCell: ColumnValue = { kind: 'boolean', value: true }
const noCell: ColumnValue = { kind: 'boolean', value: false }

const textCell: CellReader = (text) => ({ kind: 'text', text })
const trimmedDate: CellReader = (cell) => dateCell(cell.trim())

const readers: Readonly<Record<string, CellReader>> = {
  NUMERIC(cell) {
    if (isPlainNumber(cell)) return { kind: 'computed', expression: cell }
    return /^\s*[+-]?(?:\d+(?:,\d{3})*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(cell)
      ? // As it stands in the file: the original shortens `10.50` in changelogs, but not here.
        { kind: 'computed', expression: numericLiteral(cell.trim()) }
      : 'a number'
  },
  BOOLEAN: (cell) => booleanCell(cell.trim().toLowerCase()),
  DATE: trimmedDate,
  TIME: trimmedDate,
  DATETIME: trimmedDate,
  UUID: (cell) => (uuid.test(cell.trim()) ? { kind: 'text', text: cell.trim() } : 'a UUID'),
  COMPUTED: (cell) => ({ kind: 'computed', expression: cell }),
  SEQUENCE: (cell) => ({ kind: 'sequence-next', name: cell.trim(), schemaName: undefined }),
  BLOB: (cell) =>
    /^[\d+/A-Za-z\s]+={0,2}\s*$/.test(cell) ? { kind: 'bytes', base64: cell.replace(/\s/g, '') } : 'base64',
}

/**
 * The kind of cell that a column of this type takes when the changelog gives none, as recorded from the original engine on
 * PostgreSQL; `FLOATING` and `TEXT` have no name in changelogs. Types may be in the words of a changelog or of the database.
 */
export function cellTypeOf(columnType: string): string {
  const type = columnType
    .trim()
    .replace(/^java\.sql\.Types\./i, '')
    .toLowerCase()
  return kindsOfTypes.find(([, pattern]) => pattern.test(type))?.[0] ?? 'STRING'
}

const kindsOfTypes: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['STRING', /[[\]]/],
  ['BOOLEAN', /^(?:bool|bit$|bit\(1\)|tinyint\(1\))/],
  ['NUMERIC', /^(?:tiny|small|medium|big)?int(?:eger|\d)?\b|serial|^(?:decimal|dec|numeric|number|currency|money)\b/],
  ['FLOATING', /^(?:float|real|double)/],
  ['DATE', /^date$/],
  ['DATETIME', /^(?:timestamp|datetime|smalldatetime)/],
  ['TIME', /^time/],
  ['STRING', /char|^enum|^set\b/],
  ['TEXT', /text|clob/],
  ['UUID', /^uuid|^uniqueidentifier/],
]

/** The type of a cell in a column whose type only the database tells. */
export function untypedCellType(columnType: string): string | undefined {
  const kind = cellTypeOf(columnType)
  return kind === 'FLOATING' || kind === 'TEXT' ? undefined : kind
}

/** As `cellReader` for such a column: what does not fit is left to the database to judge. */
export function untypedCellReader(
  columnType: string,
  nullPlaceholder: string | undefined,
): (cell: string) => ColumnValue {
  const read = cellReader(untypedCellType(columnType), nullPlaceholder)
  return (cell) => {
    const value = read(cell)
    return typeof value === 'string' ? { kind: 'text', text: cell } : value
  }
}

/** Digits, with a sign or a point at most: what the pattern says of nearly all, without its cost. */
function isPlainNumber(cell: string): boolean {
  let digits = 0
  let points = 0
  for (let index = cell.charCodeAt(0) === 45 ? 1 : 0; index < cell.length; index += 1) {
    const code = cell.charCodeAt(index)
    if (isDigit(code)) digits += 1
    else if (code === 46 && digits > 0) points += 1
    else return false
  }
  return digits > 0 && points <= 1
}

function booleanCell(cell: string): ColumnValue | string {
  if (yes.has(cell)) return yesCell
  return no.has(cell) ? noCell : 'true or false'
}

function dateCell(cell: string): ColumnValue | string {
  const date = parseDate(cell)
  if (date !== undefined) return { kind: 'date', text: date }
  return functionCall.test(cell)
    ? { kind: 'computed', expression: cell }
    : 'a date such as 2020-01-31 or 2020-01-31T23:59:59'
}
