// Rules about columns that several change types share.
import type { Span } from '#contract/diagnostic'
import type { Column } from './column.ts'
import { type Reading, notAllowed, report } from './field.ts'

/** There the step of a counter is a setting of the server. */
const countsByOne = ['mariadb', 'mysql']

/** Each column has a name and, if asked for, a type; a foreign key has a name. */
export function checkColumns(columns: readonly Column[], reading: Reading, typeNeeded: boolean): void {
  for (const [index, column] of columns.entries()) {
    const place = column.span ?? reading.node.span
    const title = `column ${column.name ?? String(index + 1)} of ${reading.title}`
    if (column.name === undefined || column.name === '') {
      report(reading, 'change/missing-attribute', `${title} needs "name"`, place, { fix: 'Add the attribute "name".' })
    }
    if (typeNeeded && (column.type === undefined || column.type === '')) {
      report(reading, 'change/missing-attribute', `${title} needs "type"`, place, { fix: 'Add the attribute "type".' })
    }
    if (column.incrementBy !== undefined && countsByOne.includes(reading.dbms)) {
      notAllowed(reading, 'incrementBy', place)
    }
    if (column.autoIncrement === true) warnOfCounter(column, place, reading)
    const { constraints } = column
    const refers = constraints?.references !== undefined || constraints?.referencedTableName !== undefined
    if (refers && constraints.foreignKeyName === undefined) {
      report(
        reading,
        'change/missing-attribute',
        `${title} refers to another table and needs "foreignKeyName"`,
        place,
        {
          fix: 'Add "foreignKeyName" to its constraints.',
        },
      )
    }
  }
}

/** SQLite begins at one and counts by one, whatever was written. */
export function warnOfCounter(
  counter: { readonly startWith: string | undefined; readonly incrementBy: string | undefined },
  place: Span,
  reading: Reading,
): void {
  if (reading.dbms !== 'sqlite') return
  const given = (['startWith', 'incrementBy'] as const).filter((name) => (counter[name] ?? '1') !== '1')
  if (given.length === 0) return
  const message = `${given.join(' and ')} of ${reading.title} cannot be given on sqlite, which counts from 1 by 1; it is ignored`
  const fix = 'Remove it, or give the change set a dbms list without sqlite.'
  report(reading, 'change/no-effect', message, place, { severity: 'warning', fix })
}

/** SQL Server keeps remarks with procedures of the database it is connected to: those of another catalog cannot be set. */
export function checkRemarks(
  catalogName: string | undefined,
  columns: readonly Column[],
  remarks: string | undefined,
  reading: Reading,
): void {
  if (reading.dbms !== 'mssql' || catalogName === undefined) return
  if (remarks === undefined && columns.every((column) => column.remarks === undefined)) return
  notAllowed(reading, 'catalogName', reading.node.span)
}
