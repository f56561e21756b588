// Names as one script writes them. What others call a schema is a user here, and changelogs name it as catalog or as schema.
import type { ObjectQuotingStrategy } from '#changelog/model'
import type { ObjectName, TableName } from '#change/statement'
import { quoteName } from './quote.ts'
import { withOrder } from '../key-order.ts'

export interface Naming {
  /** A column, constraint or anything else that is never qualified. */
  name(name: string): string
  /** Each may end in ` ASC` or ` DESC`. */
  names(names: readonly string[]): string
  table(table: TableName): string
  /** View, sequence, index or procedure with its schema. */
  object(object: ObjectName): string
  /** Major version of the server, when it is known. */
  readonly majorVersion: number | undefined
}

export interface NamingOptions {
  readonly outputSchemaName?: string | undefined
  readonly majorVersion?: number | undefined
  readonly live?: boolean | undefined
}

export function namingFor(quoting: ObjectQuotingStrategy, options: NamingOptions): Naming {
  const { outputSchemaName, majorVersion, live = false } = options
  const name = (text: string): string => quoteName(text, quoting, live)
  const object = ({ catalogName, schemaName, name: text }: ObjectName): string => {
    const owner = catalogName ?? schemaName ?? outputSchemaName
    return owner === undefined ? name(text) : `${name(owner)}.${name(text)}`
  }
  return {
    name,
    names: (list) => list.map((item) => withOrder(item, name)).join(', '),
    table: ({ catalogName, schemaName, tableName }) => object({ catalogName, schemaName, name: tableName }),
    object,
    majorVersion,
  }
}
