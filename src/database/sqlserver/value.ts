// Values and defaults as SQL Server literals.
import type { ColumnValue } from '#change/statement'
import { Fault } from '#contract/fault'
import { currentTime, plainNumber, quoteText } from '../function-name.ts'
import { truth } from '../truth.ts'
import { familyOf } from '../type-name.ts'
import type { Naming } from './naming.ts'

export const now = 'GETDATE()'

export function literal(value: string | number | boolean | null): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'number' ? String(value) : quoteText(value)
}

/** A value where the type of the column does not matter, or is not known. Dates keep their `T`: no language setting changes them. */
export function valueText(value: ColumnValue, naming: Naming): string {
  switch (value.kind) {
    case 'text':
      return quoteText(value.text)
    case 'numeric':
      return value.text
    case 'boolean':
      return literal(value.value)
    case 'date':
      return quoteText(value.text)
    case 'computed':
      return currentTime(value.expression, now)
    case 'bytes':
      return `0x${Buffer.from(value.base64, 'base64').toString('hex')}`
    case 'sequence-next':
      return `NEXT VALUE FOR ${naming.object(value)}`
    case 'sequence-current':
      throw new Fault('changelog-invalid', `"valueSequenceCurrent" of ${value.name} is not supported on mssql`, {
        hint: 'SQL Server has no function for the current value; use valueSequenceNext, or valueComputed with a query on sys.sequences.',
      })
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
  return /^(?:uuid|uniqueidentifier)$/i.test(type.trim()) ? quoteText(value.text.toUpperCase()) : quoteText(value.text)
}
