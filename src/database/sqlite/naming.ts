// Names as one script for SQLite writes them. There are no schemas; a catalog is an attached database.
import type { ObjectQuotingStrategy } from '#changelog/model'
import type { TableName } from '#change/statement'
import { quoteName } from './quote.ts'

export interface Naming {
  name(name: string): string
  names(names: readonly string[]): string
  table(table: TableName): string
}

export function namingFor(quoting: ObjectQuotingStrategy): Naming {
  const name = (text: string): string => quoteName(text, quoting)
  return {
    name,
    names: (list) => list.map(name).join(', '),
    table: ({ catalogName, tableName }) =>
      catalogName === undefined ? name(tableName) : `${name(catalogName)}.${name(tableName)}`,
  }
}
