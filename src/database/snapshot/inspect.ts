// Answers what preconditions ask from a snapshot, where there is no database to ask. Letter case of names makes no difference.
import type { Inspect } from '../port.ts'
import type { Column, Index, Schema, Snapshot } from './model.ts'

/** `schemaName` of a question wins over the default one of the snapshot; where there are no schemas there is one list. */
export function inspectSnapshot(snapshot: Snapshot): Inspect {
  const schemaOf = (name: string | undefined): Schema | undefined => {
    const { schemas, defaultSchemaName } = snapshot
    const wanted = name ?? defaultSchemaName
    return schemas.find((schema) => same(schema.name, wanted)) ?? (name === undefined ? schemas[0] : undefined)
  }
  const tablesOf = (schemaName: string | undefined, tableName: string | undefined): Schema['tables'] =>
    (schemaOf(schemaName)?.tables ?? []).filter(({ name }) => tableName === undefined || same(name, tableName))
  const columnsOf = (schemaName: string | undefined, name: string): readonly Column[] => {
    const { tables = [], views = [] } = schemaOf(schemaName) ?? {}
    return [...tables, ...views].find((relation) => same(relation.name, name))?.columns ?? []
  }
  const answer = async (found: boolean): Promise<boolean> => await Promise.resolve(found)
  return {
    table: (schemaName, name) => answer(tablesOf(schemaName, name).length > 0),
    view: (schemaName, viewName) => answer(has(schemaOf(schemaName)?.views, viewName)),
    sequence: (schemaName, name) => answer(has(schemaOf(schemaName)?.sequences, name)),
    column: (schemaName, tableName, name) => answer(has(columnsOf(schemaName, tableName), name)),
    index: (schemaName, tableName, indexName, columns) =>
      answer(
        tablesOf(schemaName, tableName)
          .flatMap((table) => table.indexes)
          .some((index) => (indexName === undefined || same(index.name, indexName)) && fits(keysOf(index), columns)),
      ),
    foreignKey: (schemaName, tableName, name) =>
      answer(tablesOf(schemaName, tableName).some((table) => has(table.foreignKeys, name))),
    primaryKey: (schemaName, tableName, name) =>
      answer(
        tablesOf(schemaName, tableName).some(
          ({ primaryKey }) => primaryKey !== undefined && (name === undefined || same(primaryKey.name, name)),
        ),
      ),
    uniqueConstraint: (schemaName, tableName, name, columns) =>
      answer(
        tablesOf(schemaName, tableName)
          .flatMap((table) => table.uniqueConstraints)
          .some((one) => (name === undefined || same(one.name, name)) && fits(one.columns, columns)),
      ),
    columnTypes: async (schemaName, tableName) =>
      await Promise.resolve(
        new Map(columnsOf(schemaName, tableName).map(({ name, type }) => [name.toLowerCase(), type.text])),
      ),
    fingerprint: async () => await Promise.resolve(JSON.stringify(snapshot.schemas)),
  }
}

const same = (one: string | undefined, other: string | undefined): boolean =>
  one?.toLowerCase() === other?.toLowerCase()

const has = (list: readonly { readonly name: string | undefined }[] | undefined, name: string): boolean =>
  list?.some((item) => same(item.name, name)) ?? false

const keysOf = ({ columns }: Index): readonly string[] =>
  columns.filter(({ included }) => !included).map(({ name }) => name)

/** No columns asked for is no condition. */
const fits = (columns: readonly string[], wanted: readonly string[]): boolean =>
  wanted.length === 0 ||
  columns.map((name) => name.toLowerCase()).join() === wanted.map((name) => name.trim().toLowerCase()).join()
