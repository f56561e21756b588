// Data files of loadData and loadUpdateData: which column a cell belongs to, and what value it is.
import type { Diagnostic, Span } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import {
  type CellReader,
  cellReader,
  cellTypes,
  defaultPlaceholder,
  plainKindOf,
  untypedCellReader,
  untypedCellType,
} from './cell.ts'
import type { ChangeContext, ChecksumForm } from './change.ts'
import { type CsvOptions, type CsvRecord, readCsv } from './csv.ts'
import { md5OfBytes, md5OfText } from './digest.ts'
import { type AttributesOf, boolean, integer, list, requiredText, text, textOrDefault } from './field.ts'
import { readFileBytes, readFileText, resolvePath } from './file.ts'
import type { PlainColumn, PlainKind } from './plain/lines.ts'
import { plainRows } from './plain/rows.ts'
import { FileRows, Samples, stride } from './rows.ts'
import type { ColumnValue, Rows } from './statement.ts'
import { tableFields, tableOf } from './table.ts'

const columnFields = {
  name: text(),
  header: text(),
  index: integer(),
  type: text(),
  defaultValue: text(),
  defaultValueNumeric: text(),
  defaultValueDate: text(),
  defaultValueBoolean: boolean(),
  defaultValueComputed: text(),
  allowUpdate: boolean(),
  nullPlaceholder: text(),
  valueComputed: text(),
  remarks: text(),
}
type LoadColumn = AttributesOf<typeof columnFields> & { readonly span: Span }

export const loadFields = {
  ...tableFields,
  file: requiredText(),
  relativeToChangelogFile: boolean(),
  encoding: text(),
  separator: textOrDefault(','),
  quotchar: textOrDefault('"'),
  commentLineStartsWith: textOrDefault('#'),
  usePreparedStatements: boolean(),
  columns: list('column', columnFields, (raw, reading): LoadColumn => ({ ...raw, span: reading.node.span }), undefined),
}
type LoadAttributes = AttributesOf<typeof loadFields>

export interface LoadedData {
  readonly columns: readonly string[]
  readonly rows: Rows
  /** Those that `allowUpdate` keeps as they are. */
  readonly fixedColumns: readonly string[]
}

/** One column of the file that goes into the table. */
interface Place {
  readonly position: number
  readonly name: string
  readonly column: LoadColumn | undefined
}

/** And how its cells are read. */
interface Target extends Place {
  readonly kind: PlainKind | undefined
  readonly read: CellReader
  /** Stands for an empty cell. */
  readonly whenEmpty: string
  /** Of all rows alike. */
  readonly computed: ColumnValue | undefined
}

/** Of files with more rows than this a row is made when it is asked for: 600,000 values took 100 MB, and half of all the time. */
const mostHeld = 1000

/** More than this many findings about one file help nobody. */
const mostFindings = 50

/**
 * Every cell is checked before any statement is made. `wantsLines`: the rows go into one table as they are, so that their lines may
 * be of use (`Rows.lines`); values take twice as long from there. Fault `changelog-invalid` with places in the data file.
 */
export async function readData(
  attributes: LoadAttributes,
  context: ChangeContext,
  span: Span,
  wantsLines = false,
): Promise<LoadedData> {
  const { file: path, encoding, relativeToChangelogFile: relative } = attributes
  const written = await readFileText(context, { path, encoding, relative })
  const file = resolvePath(context.expand(path), context.changelogPath, relative)
  const found: Diagnostic[] = []
  const report = (diagnostic: Diagnostic): void => void found.push(diagnostic)
  const separator = attributes.separator === String.raw`\t` ? '\t' : attributes.separator
  const options = { file, separator, quote: attributes.quotchar, comment: attributes.commentLineStartsWith }
  const records = readCsv(written, options, report)
  const header = records.next()
  if (header.done) throw invalid([noHeader(file, span), ...found])
  const types = await context.columnTypes?.(tableOf(attributes))
  const targets = targetsOf(header.value, attributes.columns, file, report).map((target) => readable(target, types))
  const lower = (record: CsvRecord): readonly ColumnValue[] => rowOf(record, header.value, targets, file, report)
  const columns = targets.map(({ name }) => name)
  const fixedColumns = targets.filter(({ column }) => column?.allowUpdate === false).map(({ name }) => name)
  const plain = found.length > 0 || !wantsLines ? undefined : plainRowsOf(written, header.value, targets, options)
  if (plain !== undefined) return { columns, rows: plain, fixedColumns }
  const samples = new Samples(targets.length)
  const marks: number[] = []
  let held: (readonly ColumnValue[])[] | undefined = []
  let count = 0
  for (const record of records) {
    if (found.length >= mostFindings) break
    const row = lower(record)
    if (count % stride === 0) marks.push(record.offset)
    count += 1
    if (count > mostHeld) held = undefined
    held?.push(row)
    samples.add(row)
  }
  if (found.some((diagnostic) => diagnostic.severity === 'error')) throw invalid(found)
  const source = { text: written, options, rowOf: lower, marks }
  const rows = held ?? new FileRows(source, 0, count, samples.result)
  return { columns, rows, fixedColumns }
}

/** Undefined also for a file whose rows are few enough to be held as values. */
function plainRowsOf(
  written: string,
  header: CsvRecord,
  targets: readonly Target[],
  options: CsvOptions,
): Rows | undefined {
  if (written.length < 2 * mostHeld) return undefined
  const kinds = new Map<number, PlainColumn>()
  for (const { position, kind, whenEmpty, computed, column } of targets) {
    if (position < 0 || kind === undefined || whenEmpty !== '' || computed !== undefined) return undefined
    kinds.set(position, { kind, nullPlaceholder: column?.nullPlaceholder ?? defaultPlaceholder })
  }
  const all = header.cells.map((_, position) => kinds.get(position) ?? skipped)
  const start = Buffer.byteLength(written.slice(0, header.end))
  const rows = plainRows(Buffer.from(written), start, all, options)
  return rows !== undefined && rows.length > mostHeld ? rows : undefined
}

const skipped: PlainColumn = { kind: 'skip', nullPlaceholder: '' }

/** The type of the column of the table counts where the changelog gives none. */
function readable(place: Place, types: ReadonlyMap<string, string> | undefined): Target {
  const { column, name } = place
  const columnType = column?.type === undefined ? types?.get(name.toLowerCase()) : undefined
  const placeholder = column?.nullPlaceholder
  return {
    ...place,
    kind: plainKindOf(columnType === undefined ? column?.type : untypedCellType(columnType)),
    read: columnType === undefined ? cellReader(column?.type, placeholder) : untypedCellReader(columnType, placeholder),
    whenEmpty: (column && defaultCell(column)) ?? '',
    computed: column?.valueComputed === undefined ? undefined : { kind: 'computed', expression: column.valueComputed },
  }
}

const invalid = (found: readonly Diagnostic[]): Fault =>
  new Fault('changelog-invalid', `the data file has ${found.length === 1 ? 'an error' : 'errors'}`, {
    diagnostics: found.slice(0, mostFindings),
  })

const noHeader = (file: string, span: Span): Diagnostic => ({
  code: 'data/no-header',
  severity: 'error',
  message: `the data file ${file} is empty`,
  span,
  fix: 'Its first line must name the columns.',
})

/** A column of the changelog belongs to a cell by position, by header or by its name; `SKIP` leaves the cell out. */
function targetsOf(
  header: CsvRecord,
  columns: readonly LoadColumn[],
  file: string,
  report: (found: Diagnostic) => void,
): readonly Place[] {
  const used = new Set<LoadColumn>()
  const targets = header.cells.map((cell, position): Place => {
    const title = cell.trim()
    const column = columns.find(
      (candidate) =>
        candidate.index === String(position) ||
        (candidate.header ?? candidate.name)?.toLowerCase() === title.toLowerCase(),
    )
    if (column) used.add(column)
    return { position, name: column?.name ?? title, column }
  })
  for (const column of columns) {
    const skipped = column.type?.toUpperCase() === 'SKIP' || column.valueComputed !== undefined
    if (!used.has(column) && !skipped && !hasDefault(column)) report(notInFile(column, header, file))
  }
  const computed = columns.filter(
    (column) => !used.has(column) && (column.valueComputed !== undefined || hasDefault(column)),
  )
  const extra = computed.map((column): Place => ({ position: -1, name: column.name ?? '', column }))
  return [...targets, ...extra].filter(({ column }) => column?.type?.toUpperCase() !== 'SKIP')
}

const hasDefault = (column: LoadColumn): boolean => defaultCell(column) !== undefined

function defaultCell(column: LoadColumn): string | undefined {
  const { defaultValue, defaultValueNumeric, defaultValueDate, defaultValueBoolean } = column
  return defaultValue ?? defaultValueNumeric ?? defaultValueDate ?? defaultValueBoolean?.toString()
}

const notInFile = (column: LoadColumn, header: CsvRecord, file: string): Diagnostic => ({
  code: 'data/column-not-in-file',
  severity: 'error',
  message: `${file} has no column "${column.header ?? column.name ?? ''}"`,
  span: column.span,
  fix: `Its columns are ${header.cells.map((cell) => cell.trim()).join(', ')}.`,
})

function rowOf(
  record: CsvRecord,
  header: CsvRecord,
  targets: readonly Target[],
  file: string,
  report: (found: Diagnostic) => void,
): readonly ColumnValue[] {
  if (record.cells.length !== header.cells.length) {
    const message = `${record.cells.length} cells, but the header has ${header.cells.length}`
    const span = { file, line: record.line, column: 1 }
    const fix = 'Give the line as many cells as the header, and quote a cell that contains the separator.'
    report({ code: 'data/cell-count', severity: 'error', message, span, fix })
    return []
  }
  const row: ColumnValue[] = []
  for (const target of targets) {
    const { position, whenEmpty, read, computed } = target
    const text = record.cells[position] || whenEmpty
    const value = computed ?? read(text)
    if (typeof value === 'string') report(wrongType(text, value, { record, target, file }))
    row.push(typeof value === 'string' ? { kind: 'null' } : value)
  }
  return row
}

function wrongType(
  text: string,
  wanted: string,
  at: { readonly record: CsvRecord; readonly target: Target; readonly file: string },
): Diagnostic {
  const { record, target, file } = at
  const message = `"${text.slice(0, 100)}" in column ${target.name} is not ${wanted}`
  const { position } = target
  const [line = record.line, column = 1] = position < 0 ? [] : record.places.slice(2 * position)
  const fix = `Correct the cell, or the type of the column in the changelog (one of ${cellTypes.join(', ')}).`
  return { code: 'data/wrong-type', severity: 'error', message, span: { file, line, column }, fix }
}

/** Only the name of the table and the file count, without empty lines and comments. */
export async function loadChecksum(
  attributes: LoadAttributes,
  form: ChecksumForm,
  context: ChangeContext,
): Promise<string> {
  const bytes = await readFileBytes(context, attributes.file, attributes.relativeToChangelogFile)
  const comment = attributes.commentLineStartsWith.slice(0, 1)
  const checksum = (data: string): string =>
    `${form.version}:${md5OfText(`${attributes.tableName}:${form.version}:${data}`)}`
  if (isPlain(bytes, comment)) return checksum(md5OfBytes(bytes.subarray(0, bytes.at(-1) === 10 ? -1 : undefined)))
  const lines = Buffer.from(bytes).toString('latin1').replaceAll('\r', '').split('\n')
  const kept = lines.filter((line) => line !== '' && (comment === '' || !line.startsWith(comment)))
  return checksum(md5OfBytes(Buffer.from(kept.join('\n'), 'latin1')))
}

/** Nothing in it that does not count but perhaps the end of the last line. */
function isPlain(content: Uint8Array, comment: string): boolean {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  if (bytes.includes('\r') || bytes.includes('\n\n') || bytes[0] === 10) return false
  return comment === '' || (bytes.toString('latin1', 0, 1) !== comment && !bytes.includes(`\n${comment}`, 0, 'latin1'))
}
