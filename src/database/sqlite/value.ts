// Values and defaults as SQLite literals.
import type { ColumnValue } from '#change/statement'
import { Fault } from '#contract/fault'
import { currentTime, plainNumber, quoteDate, quoteText } from '../function-name.ts'
import { familyOf } from '../type-name.ts'

export const now = 'CURRENT_TIMESTAMP'

export function literal(value: string | number | boolean | null): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'number' ? String(value) : quoteText(value)
}

/** A value where the type of the column does not matter. Fault `changelog-invalid` for sequences, which SQLite lacks. */
export function valueText(value: ColumnValue): string {
  switch (value.kind) {
    case 'text':
      return quoteText(value.text)
    case 'numeric':
      return plainNumber(value.text)
    case 'boolean':
      return literal(value.value)
    case 'date':
      return quoteDate(value.text)
    case 'computed':
      return currentTime(value.expression, now)
    case 'bytes':
      return `X'${Buffer.from(value.base64, 'base64').toString('hex')}'`
    case 'sequence-next':
    case 'sequence-current':
      throw new Fault('changelog-invalid', `sequence ${value.name}: SQLite has no sequences`, {
        hint: 'Use an autoIncrement column, or give the change set a dbms list without sqlite.',
      })
    case 'null':
      break
  }
  return 'NULL'
}

/** A default: text is written the way the type of the column wants it; an expression needs parentheses in SQLite. */
export function defaultText(value: ColumnValue, type: string): string {
  const family = familyOf(type)
  if (value.kind === 'null') return 'null'
  if (value.kind === 'text') {
    if (family === 'number') return plainNumber(value.text)
    if (family === 'boolean' && /^(?:true|false|1|0)$/i.test(value.text))
      return literal(/^(?:true|1)$/i.test(value.text))
  }
  const text = valueText(value)
  const simple = /^(?:[+-]?[\d.]+|'[^']*'|\(.*\)|current_(?:time|date|timestamp)|null|true|false)$/is.test(text)
  return value.kind !== 'computed' || simple ? text : `(${text})`
}
