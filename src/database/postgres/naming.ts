// Names as one script writes them: quoting strategy, and the schema that goes before names without one.
import type { ObjectQuotingStrategy } from '#changelog/model'
import type { ObjectName, TableName } from '#change/statement'
import { quoteName } from './quote.ts'
import { withOrder } from '../key-order.ts'

export interface Naming {
  /** A column, constraint or anything else that is never qualified. */
  name(name: string): string
  names(names: readonly string[]): string
  table(table: TableName): string
  /** View, sequence, index or procedure with its schema. */
  object(object: ObjectName): string
  /** The schema of a name, if there is one to write. */
  readonly schemaName: string | undefined
}

export function namingFor(quoting: ObjectQuotingStrategy, outputSchemaName: string | undefined): Naming {
  const name = (text: string): string => quoteName(text, quoting)
  const qualified = (schemaName: string | undefined, text: string): string => {
    const schema = schemaName ?? outputSchemaName
    return schema === undefined ? name(text) : `${name(schema)}.${name(text)}`
  }
  return {
    name,
    names: (list) => list.map((item) => withOrder(item, name)).join(', '),
    table: (table) => qualified(table.schemaName, table.tableName),
    object: (object) => qualified(object.schemaName, object.name),
    schemaName: outputSchemaName,
  }
}
