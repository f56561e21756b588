// Names as one script writes them: quoting strategy, catalog and schema, and the forms that system procedures want.
import type { ObjectQuotingStrategy } from '#changelog/model'
import type { ObjectName, TableName } from '#change/statement'
import { quoteText } from '../function-name.ts'
import { quoteName } from './quote.ts'
import { withOrder } from '../key-order.ts'

export interface Naming {
  /** A column, constraint or anything else that is never qualified. */
  name(name: string): string
  /** Each may end in ` ASC` or ` DESC`. */
  names(names: readonly string[]): string
  table(table: TableName): string
  /** View, sequence or procedure with its schema. */
  object(object: ObjectName): string
  /** The schema whose name a system procedure needs: `dbo` when none was said. */
  schemaOf(schemaName: string | undefined): string
  /** The schema that goes before names without one, if there is one to write. */
  readonly schemaName: string | undefined
}

export function namingFor(quoting: ObjectQuotingStrategy, outputSchemaName: string | undefined): Naming {
  const name = (text: string): string => quoteName(text, quoting)
  const object = ({ schemaName = outputSchemaName, name: text }: ObjectName): string =>
    schemaName === undefined ? name(text) : `${name(schemaName)}.${name(text)}`
  return {
    name,
    names: (list) => list.map((item) => withOrder(item, name)).join(', '),
    table: ({ catalogName, schemaName = outputSchemaName, tableName }) =>
      catalogName === undefined
        ? object({ schemaName, name: tableName })
        : // Without a schema it is the default one of the user there.
          `${name(catalogName)}.${schemaName === undefined ? '' : name(schemaName)}.${name(tableName)}`,
    object,
    schemaOf: (schemaName) => schemaName ?? outputSchemaName ?? 'dbo',
    schemaName: outputSchemaName,
  }
}

/** A text for people's data: N'…' keeps characters outside of the code page. */
export const unicode = (text: string): string => `N${quoteText(text)}`
