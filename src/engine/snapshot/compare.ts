// When two parts of snapshots are the same thing: what people would call a difference, and nothing else.
import type { Snapshot } from '#database/snapshot/model'

/** PostgreSQL keeps both names of the time at which the transaction began. */
export function sameExpression(shortName: string, expression: string | undefined): string | undefined {
  if (expression === undefined || shortName !== 'postgresql') return expression
  return expression.replace(/^CURRENT_TIMESTAMP$/, 'now()')
}

/** Everything but where it was read, as one comparable value. */
export function comparable(snapshot: Snapshot): unknown {
  const { shortName } = snapshot.database
  return snapshot.schemas.map((schema) => ({
    ...schema,
    tables: schema.tables.map((table) => ({
      ...table,
      // The text of SQLite differs in blanks and case; its parts are all here.
      definition: undefined,
      columns: table.columns.map((column) => ({
        ...column,
        defaultValue: sameExpression(shortName, column.defaultValue?.expression),
      })),
    })),
  }))
}
