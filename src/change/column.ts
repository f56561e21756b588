// Columns and their constraints as changes carry them: every field that changelogs may write, and what follows from it.
import type { Span } from '#contract/diagnostic'
import type { ChangeContext, ChecksumForm } from './change.ts'
import {
  type AttributesOf,
  type Field,
  type Reading,
  type SequenceName,
  boolean,
  expression,
  integer,
  list,
  nested,
  report,
  printFields,
  sequence,
  text,
} from './field.ts'
import { readFileBytes, readFileText } from './file.ts'
import type { Printed, PrintedObject } from './serialise.ts'
import type { ColumnValue } from './statement.ts'
import { hasOffset, numericLiteral, parseDate, parseNumeric } from './value.ts'

const constraintFields = {
  nullable: boolean(),
  notNullConstraintName: text(),
  primaryKey: boolean(),
  primaryKeyName: text(),
  primaryKeyTablespace: text(),
  references: text(),
  referencedTableCatalogName: text(),
  referencedTableSchemaName: text(),
  referencedTableName: text(),
  referencedColumnNames: text(),
  unique: boolean(),
  uniqueConstraintName: text(),
  checkConstraint: text(),
  deleteCascade: boolean(),
  foreignKeyName: text(),
  initiallyDeferred: boolean(),
  deferrable: boolean(),
  validateNullable: boolean(),
  validateUnique: boolean(),
  validatePrimaryKey: boolean(),
  validateForeignKey: boolean(),
}
export type Constraints = AttributesOf<typeof constraintFields>

const writtenFields = {
  name: text(),
  computed: boolean(),
  type: text(),
  value: text({ direct: true }),
  valueNumeric: text(),
  valueDate: text(),
  valueBoolean: boolean(),
  valueBlobFile: text(),
  valueClobFile: text(),
  encoding: text(),
  valueComputed: expression(),
  valueSequenceNext: sequence(),
  valueSequenceCurrent: sequence(),
  defaultValue: text(),
  defaultValueNumeric: text(),
  defaultValueDate: text(),
  defaultValueBoolean: boolean(),
  defaultValueComputed: expression(),
  defaultValueSequenceNext: sequence(),
  defaultValueConstraintName: text(),
  constraints: nested(constraintFields),
  autoIncrement: boolean(),
  generationType: text(),
  defaultOnNull: boolean(),
  startWith: integer(),
  incrementBy: integer(),
  remarks: text(),
  descending: boolean(),
  included: boolean(),
  afterColumn: text(),
  beforeColumn: text(),
  position: integer(),
}
type Written = AttributesOf<typeof writtenFields>

/** Numbers and dates are checked: what is none has become an expression. `rawDateValue` is the date as it was written. */
export interface Column extends Written {
  readonly rawDateValue: string | undefined
  /** Undefined for columns that no changelog wrote. */
  readonly span: Span | undefined
}

function toColumn(raw: Written, reading: Reading): Column {
  const { valueNumeric, valueDate, defaultValueNumeric, defaultValueDate } = raw
  // Nobody else has what was just read, so it is not copied.
  const written = Object.assign(raw, { rawDateValue: valueDate, span: reading.node.span })
  if ((valueNumeric ?? valueDate ?? defaultValueNumeric ?? defaultValueDate) === undefined) return written
  const number = numberOrExpression(valueNumeric)
  const defaultNumber = numberOrExpression(defaultValueNumeric)
  const date = dateOrExpression(valueDate)
  const defaultDate = dateOrExpression(defaultValueDate)
  warnNoDate('valueDate', date.expression, reading)
  warnNoDate('defaultValueDate', defaultDate.expression, reading)
  return {
    ...written,
    valueNumeric: number.value,
    valueDate: date.value,
    valueComputed: raw.valueComputed ?? number.expression ?? date.expression,
    defaultValueNumeric: defaultNumber.value,
    defaultValueDate: defaultDate.value,
    defaultValueComputed: raw.defaultValueComputed ?? defaultNumber.expression ?? defaultDate.expression,
  }
}

interface ValueOrExpression {
  readonly value: string | undefined
  readonly expression: string | undefined
}

function numberOrExpression(written: string | undefined): ValueOrExpression {
  if (written === undefined || written.toLowerCase() === 'null') return { value: undefined, expression: undefined }
  const value = parseNumeric(written)
  return { value, expression: value === undefined ? written : undefined }
}

function dateOrExpression(written: string | undefined): ValueOrExpression {
  if (written === undefined || written.toLowerCase() === 'null') return { value: undefined, expression: undefined }
  const value = parseDate(written)
  return { value, expression: value === undefined ? written : undefined }
}

/** An expression is meant to be one; `2020-02-30` would be computed. */
function warnNoDate(name: string, expression: string | undefined, reading: Reading): void {
  if (expression === undefined || !/^\d/.test(expression)) return
  const message = `"${name}" is "${expression}", which is no date and is taken as an expression`
  const span = reading.node.children.find((child) => child.name === name)?.span ?? reading.node.span
  report(reading, 'change/not-a-date', message, span, { severity: 'warning', fix: 'Write yyyy-MM-ddTHH:mm:ss.' })
}

function printColumn(column: Column, form: ChecksumForm): PrintedObject {
  const { rawDateValue } = column
  const asExpression = !form.offsetDates && rawDateValue !== undefined && hasOffset(rawDateValue)
  const seen = asExpression ? { ...column, valueDate: undefined, valueComputed: rawDateValue } : column
  const fields = printFields(writtenFields, seen, form)
  const raw = form.rawDateValue ? rawDateValue : undefined
  return { kind: 'object', fields: [...fields, ['rawDateValue', raw]] }
}

/** The columns of a change. */
export const columns = (options: { readonly required?: boolean } = {}): Field<readonly Column[]> =>
  list('column', writtenFields, toColumn, printColumn, options)

const parameterFields = {
  name: text(),
  value: text({ direct: true }),
  valueNumeric: text(),
  valueDate: text(),
  valueBoolean: boolean(),
  valueComputed: expression(),
  valueSequenceNext: sequence(),
  valueSequenceCurrent: sequence(),
}

/** What an index column prints: recorded from 4.28.0 and 4.33.0, which leave these out there and nowhere else. */
const notOfIndex = new Set([
  'type',
  'value',
  'defaultValue',
  'encoding',
  'autoIncrement',
  'startWith',
  'incrementBy',
  'remarks',
  'constraints',
])

/** The columns of createIndex. */
export const indexColumns = (): Field<readonly Column[]> =>
  list('column', writtenFields, toColumn, printIndexColumn, { required: true })

function printIndexColumn(column: Column, form: ChecksumForm): Printed {
  const printed = printColumn(column, form)
  return { ...printed, fields: printed.fields.filter(([name]) => !notOfIndex.has(name)) }
}

/** `whereParams` of update and delete; not part of any checksum. */
export const whereParameters = (): Field<readonly Column[]> =>
  list('param', parameterFields, (raw, reading) => toColumn({ ...emptyColumn, ...raw }, reading), undefined)

/** A column without any attribute. */
export const emptyColumn: Column = {
  ...(Object.fromEntries(Object.keys(writtenFields).map((name) => [name, undefined])) as unknown as Written),
  rawDateValue: undefined,
  span: undefined,
}

/** What insert, update and addColumn put into the column; null when nothing was given. First of the given ones wins. */
export async function columnValue(column: Column, context: ChangeContext): Promise<ColumnValue> {
  if (column.value !== undefined) return textValue(column.value)
  if (column.valueBoolean !== undefined) return { kind: 'boolean', value: column.valueBoolean }
  if (column.valueNumeric !== undefined) return { kind: 'numeric', text: numericLiteral(column.valueNumeric) }
  if (column.valueDate !== undefined) return { kind: 'date', text: column.valueDate }
  if (column.valueComputed !== undefined) return { kind: 'computed', expression: column.valueComputed }
  if (column.valueClobFile !== undefined) {
    const clob = await readFileText(context, {
      path: column.valueClobFile,
      encoding: column.encoding,
      relative: undefined,
    })
    return { kind: 'text', text: clob }
  }
  if (column.valueBlobFile !== undefined) {
    const blob = await readFileBytes(context, column.valueBlobFile, undefined)
    return { kind: 'bytes', base64: Buffer.from(blob).toString('base64') }
  }
  if (column.valueSequenceNext) return sequenceValue('sequence-next', column.valueSequenceNext)
  if (column.valueSequenceCurrent) return sequenceValue('sequence-current', column.valueSequenceCurrent)
  return { kind: 'null' }
}

export const hasValue = (column: Column): boolean =>
  [
    column.value,
    column.valueBoolean,
    column.valueNumeric,
    column.valueDate,
    column.valueComputed,
    column.valueClobFile,
    column.valueBlobFile,
    column.valueSequenceNext,
    column.valueSequenceCurrent,
  ].some((value) => value !== undefined)

/** A text that says `null`, in any case, is the keyword. */
export function textValue(value: string): ColumnValue {
  return value.toLowerCase() === 'null' ? { kind: 'null' } : { kind: 'text', text: value }
}

export function sequenceValue(kind: 'sequence-next' | 'sequence-current', sequence: SequenceName): ColumnValue {
  return { kind, name: sequence.name, schemaName: sequence.schemaName }
}

export interface DefaultValueFields {
  readonly defaultValue: string | undefined
  readonly defaultValueNumeric: string | undefined
  readonly defaultValueDate: string | undefined
  readonly defaultValueBoolean: boolean | undefined
  readonly defaultValueComputed: string | undefined
  readonly defaultValueSequenceNext: SequenceName | undefined
}

export function defaultOf(fields: DefaultValueFields): ColumnValue | undefined {
  if (fields.defaultValue !== undefined) return textValue(fields.defaultValue)
  if (fields.defaultValueBoolean !== undefined) return { kind: 'boolean', value: fields.defaultValueBoolean }
  if (fields.defaultValueNumeric !== undefined)
    return { kind: 'numeric', text: numericLiteral(fields.defaultValueNumeric) }
  if (fields.defaultValueDate !== undefined) return { kind: 'date', text: fields.defaultValueDate }
  if (fields.defaultValueComputed !== undefined) return { kind: 'computed', expression: fields.defaultValueComputed }
  if (fields.defaultValueSequenceNext) return sequenceValue('sequence-next', fields.defaultValueSequenceNext)
  return undefined
}
