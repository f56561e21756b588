// Where generated changes put their objects: which names are written with schema, catalog and tablespace.
import type { Dialect } from '#database/port'
import type { Definer } from '#database/snapshot/definer'
import { type Attributes, type Change, sqlChange } from './change.ts'

export interface NamingOptions {
  readonly includeSchema: boolean
  readonly includeCatalog: boolean
  readonly includeTablespace: boolean
}

export interface Place {
  readonly definer: Definer
  /** Attributes of a change on a table. */
  readonly table: (name: string) => Attributes
  /** `schemaName` and `catalogName`, if they are to be written. */
  readonly scope: Attributes
  /** The schema of another object that is referred to, if it is to be written. */
  readonly schemaOf: (schemaName: string | undefined) => string | undefined
  readonly tablespace: (name: string | undefined) => string | undefined
  /** What SQL writes before names; undefined leaves it to the connection. */
  readonly sqlSchemaName: string | undefined
  /** A query as it can stand in a changelog for any schema. */
  readonly query: (text: string) => string
  readonly quotedList: (names: readonly string[]) => string
  /** Change sets for statements: one when the database takes several at once, else one for each. */
  readonly sql: (texts: readonly string[]) => readonly (readonly Change[])[]
}

/** `isDefault`: objects of the default schema are written without it unless asked for; those of others always with it. */
export function placeOf(
  dialect: Dialect,
  definer: Definer,
  schema: { readonly name: string | undefined; readonly catalogName: string | undefined; readonly isDefault: boolean },
  options: NamingOptions,
): Place {
  const schemaName = options.includeSchema || !schema.isDefault ? schema.name : undefined
  const catalogName = options.includeCatalog ? schema.catalogName : undefined
  const scope = { schemaName, catalogName }
  return {
    definer,
    scope,
    schemaOf: (name) => (schemaName !== undefined || name !== schema.name ? name : undefined),
    table: (tableName) => ({ tableName, ...scope }),
    tablespace: (name) => (options.includeTablespace ? name : undefined),
    sqlSchemaName: schemaName,
    query: (text) => definer.portableQuery(text, schemaName === undefined ? schema.name : undefined),
    quotedList: (names) => names.map((name) => dialect.quoteObject(name, 'QUOTE_ALL_OBJECTS')).join(', '),
    sql: (texts) => {
      if (texts.length === 0) return []
      return dialect.capability.multiStatement
        ? [[sqlChange(texts.join(';\n'))]]
        : texts.map((text) => [sqlChange(text)])
    },
  }
}
