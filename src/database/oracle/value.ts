// Values and defaults as Oracle literals.
import type { ColumnValue } from '#change/statement'
import { currentTime, plainNumber, quoteText } from '../function-name.ts'
import { familyOf } from '../type-name.ts'
import { truth } from '../truth.ts'
import type { Naming } from './naming.ts'

export const now = 'SYSTIMESTAMP'

export function literal(value: string | number | boolean | null): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'number' ? String(value) : quoteText(value)
}

/** `2020-01-02`, `03:04:05`, or both with a `T` between: the format is said, so that no session setting counts. */
function dateText(text: string): string {
  const blank = text.replace('T', ' ')
  if (blank.includes('.')) return `TO_TIMESTAMP('${blank}', 'YYYY-MM-DD HH24:MI:SS.FF')`
  if (blank.includes(' ')) return `TO_DATE('${blank}', 'YYYY-MM-DD HH24:MI:SS')`
  return blank.includes(':') ? `TO_DATE('${blank}', 'HH24:MI:SS')` : `TO_DATE('${blank}', 'YYYY-MM-DD')`
}

/** `CURRENT_TIMESTAMP` alone is Oracle's own, in the zone of the session, and stays. */
const expressionText = (expression: string): string =>
  /^current_timestamp$/i.test(expression.trim()) ? expression : currentTime(expression, now)

/** A value where the type of the column does not matter, or is not known. */
export function valueText(value: ColumnValue, naming: Naming): string {
  switch (value.kind) {
    case 'text':
      return quoteText(value.text)
    case 'numeric':
      return value.text
    case 'boolean':
      return literal(value.value)
    case 'date':
      return dateText(value.text)
    case 'computed':
      return expressionText(value.expression)
    case 'bytes':
      return `HEXTORAW('${Buffer.from(value.base64, 'base64').toString('hex')}')`
    case 'sequence-next':
      return `${naming.object(value)}.nextval`
    case 'sequence-current':
      return `${naming.object(value)}.currval`
    case 'null':
      break
  }
  return 'NULL'
}

/** A default of an existing column: text stays text, whatever the type. */
export function defaultValue(value: ColumnValue, naming: Naming): string {
  if (value.kind === 'null') return 'null'
  return value.kind === 'numeric' ? plainNumber(value.text) : valueText(value, naming)
}

/** A default beside the type of its column: text is written the way the type wants it. */
export function defaultOfType(value: ColumnValue, type: string, naming: Naming): string {
  if (value.kind !== 'text') return defaultValue(value, naming)
  const family = familyOf(type)
  if (family === 'number') return plainNumber(value.text)
  if (family === 'boolean' || family === 'bit') return truth(value.text) ?? quoteText(value.text)
  return quoteText(value.text)
}
