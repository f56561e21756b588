// Sequences, routines and triggers of MySQL and MariaDB from their catalog rows.
import type { Row } from '../port.ts'
import { isTrue, optional, textOf } from '../snapshot/group.ts'
import type { Routine, Sequence } from '../snapshot/model.ts'
import { quoteName } from './quote.ts'
import { quoteText } from './value.ts'

const quote = (value: unknown): string => quoteName(textOf(value), 'QUOTE_ALL_OBJECTS')
/** What MariaDB takes when nothing is said; the original engine does not tell it. */
const usualCache = '1000'

export function sequencesOf(rows: readonly Row[]): readonly Sequence[] {
  return rows.map((row) => ({
    name: textOf(row['name']),
    dataType: undefined,
    startValue: textOf(row['start']),
    incrementBy: textOf(row['increment']),
    minValue: textOf(row['min']),
    maxValue: textOf(row['max']),
    cacheSize: textOf(row['cache']) === usualCache ? '' : textOf(row['cache']),
    cycle: isTrue(row['cycle']),
    ownedBy: undefined,
    remarks: undefined,
  }))
}

export const triggerText = (row: Row): string =>
  `CREATE TRIGGER ${quote(row['name'])} ${textOf(row['timing'])} ${textOf(row['event'])} ON ${quote(row['relation'])} FOR EACH ROW ${textOf(row['statement'])}`

/** The definer is left out: whoever runs the changelog becomes it. */
export function routinesOf(routines: readonly Row[], parameters: readonly Row[]): readonly Routine[] {
  return routines
    .filter((row) => row['kind'] === 'FUNCTION' || row['kind'] === 'PROCEDURE')
    .map((row) => {
      const isFunction = row['kind'] === 'FUNCTION'
      const own = parameters.filter((one) => one['routine'] === row['name'] && one['kind'] === row['kind'])
      const list = own.map((one) => {
        const mode = isFunction ? '' : `${textOf(one['mode'])} `
        return `${mode}${quote(one['name'])} ${textOf(one['type'])}`
      })
      const remarks = optional(row['remarks'])
      const lines = [
        `CREATE ${textOf(row['kind'])} ${quote(row['name'])}(${list.join(', ')})${isFunction ? ` RETURNS ${textOf(row['returns'])}` : ''}`,
        ...(isTrue(row['deterministic']) ? ['DETERMINISTIC'] : []),
        ...(row['access'] === 'CONTAINS SQL' ? [] : [textOf(row['access'])]),
        ...(row['security'] === 'INVOKER' ? ['SQL SECURITY INVOKER'] : []),
        ...(remarks === undefined ? [] : [`COMMENT ${quoteText(remarks)}`]),
        textOf(row['body']),
      ]
      return {
        kind: isFunction ? ('function' as const) : ('procedure' as const),
        name: textOf(row['name']),
        signature: undefined,
        definition: lines.join('\n'),
        remarks,
      }
    })
}
