// Values and defaults as PostgreSQL literals.
import type { ColumnValue } from '#change/statement'
import { currentTime, plainNumber, quoteDate, quoteText } from '../function-name.ts'
import { familyOf } from '../type-name.ts'
import type { Naming } from './naming.ts'

export const now = 'NOW()'

export function literal(value: string | number | boolean | null): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  return typeof value === 'number' ? String(value) : quoteText(value)
}

/** A value where the type of the column does not matter, or is not known. */
export function valueText(value: ColumnValue, naming: Naming): string {
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
      return `'\\x${Buffer.from(value.base64, 'base64').toString('hex')}'`
    case 'sequence-next':
      return `nextval('${naming.object({ schemaName: value.schemaName, name: value.name })}')`
    case 'sequence-current':
      return `currval('${naming.object({ schemaName: value.schemaName, name: value.name })}')`
    case 'null':
      break
  }
  return 'NULL'
}

/** A default: text is written the way the type of the column wants it. */
export function defaultText(value: ColumnValue, type: string, naming: Naming): string {
  const family = familyOf(type)
  if (value.kind === 'null') return 'null'
  if (value.kind === 'text') {
    if (family === 'number') return plainNumber(value.text)
    if (family === 'boolean' && /^(?:true|false|1|0)$/i.test(value.text))
      return literal(/^(?:true|1)$/i.test(value.text))
  }
  if (family === 'bit' && value.kind === 'boolean') return `${value.value ? 1 : 0}::BIT`
  return valueText(value, naming)
}
