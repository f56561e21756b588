// Values and defaults as literals of MySQL and MariaDB.
import type { ColumnValue } from '#change/statement'
import { Fault } from '#contract/fault'
import { plainNumber } from '../function-name.ts'
import { familyOf } from '../type-name.ts'
import type { Context } from './context.ts'

export const now = 'NOW()'
/** `2026-11-21 11:04:07+01:00`: a time here has no zone of its own. */
export const nowWithZone =
  "CONCAT(NOW(), IF(NOW() < UTC_TIMESTAMP(), '-', '+'), TIME_FORMAT(TIMEDIFF(GREATEST(NOW(), UTC_TIMESTAMP()), LEAST(NOW(), UTC_TIMESTAMP())), '%H:%i'))"

/** A backslash is an escape in texts, unlike in other databases. */
export const quoteText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

export function literal(value: string | number | boolean | null): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'number' ? String(value) : quoteText(value)
}

/** `current_timestamp(6)` is `NOW(6)`; with more behind it (`ON UPDATE …`) it stays as it is. */
function currentTime(expression: string): string {
  if (expression.trim().toLowerCase() === 'now()') return now
  const match = /^\s*current_(?:timestamp|datetime)\s*(?:\(\s*(\d*)\s*\))?\s*$/i.exec(expression)
  return match ? `NOW(${match[1] ?? ''})` : expression
}

/** A value where the type of the column does not matter. Fault `changelog-invalid` for sequences where there are none. */
export function valueText(value: ColumnValue, context: Context): string {
  switch (value.kind) {
    case 'text':
      return quoteText(value.text)
    case 'numeric':
      return value.text.trim()
    case 'boolean':
      return literal(value.value)
    case 'date':
      return quoteText(value.text.replace('T', ' '))
    case 'computed':
      return currentTime(value.expression)
    case 'bytes':
      return `X'${Buffer.from(value.base64, 'base64').toString('hex')}'`
    case 'sequence-next':
      return `NEXT VALUE FOR ${sequence(value, context)}`
    case 'sequence-current':
      return `PREVIOUS VALUE FOR ${sequence(value, context)}`
    case 'null':
      break
  }
  return 'NULL'
}

function sequence(value: Extract<ColumnValue, { readonly schemaName: unknown }>, context: Context): string {
  if (context.flavour.capability.sequences) return context.naming.object(value)
  throw new Fault('changelog-invalid', `sequence ${value.name}: ${context.flavour.productName} has no sequences`, {
    hint: `Use an autoIncrement column, or give the change set a dbms list without ${context.flavour.shortName}.`,
  })
}

const isTrue = (text: string): boolean => /^(?:true|1)$/i.test(text)

/** The default of a column that is being made: text is written the way the type of the column wants it. */
export function defaultText(value: ColumnValue, type: string, context: Context): string {
  const family = familyOf(type)
  if (value.kind === 'null') return 'null'
  if (value.kind === 'numeric') return family === 'text' ? quoteText(value.text) : plainNumber(value.text)
  if (value.kind === 'text') {
    if (family === 'number') return plainNumber(value.text)
    if ((family === 'boolean' || family === 'bit') && /^(?:true|false|1|0)$/i.test(value.text)) {
      return literal(isTrue(value.text))
    }
  }
  if (value.kind === 'boolean') {
    if (family === 'number') return String(value.value)
    if (family === 'text') return quoteText(String(value.value))
  }
  return valueText(value, context)
}

/** The default of a column that is there: an expression needs parentheses, and the type is not looked at. */
export function newDefaultText(value: ColumnValue, context: Context): string {
  if (value.kind === 'computed') {
    return /^\(.*\)$/s.test(value.expression) ? value.expression : `(${value.expression})`
  }
  if (value.kind === 'sequence-next') return `(${valueText(value, context)})`
  if (value.kind === 'null') return 'null'
  if (value.kind === 'numeric')
    return value.text
      .trim()
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '')
  return valueText(value, context)
}
