// Rules about columns that several change types share.
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
