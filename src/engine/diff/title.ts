// Objects as diffs show them to people, in the words of the original engine.
import type { ForeignKey, Index, PrimaryKey, UniqueConstraint } from '#database/snapshot/model'

const qualified = (schemaName: string | undefined, name: string): string =>
  schemaName === undefined ? name : `${schemaName}.${name}`
const list = (names: readonly string[]): string => names.join(', ')

export const column = (schemaName: string | undefined, relation: string, name: string): string =>
  `${qualified(schemaName, relation)}.${name}`

export const primaryKey = (schemaName: string | undefined, table: string, { name, columns }: PrimaryKey): string =>
  `${name ?? 'null'} on ${qualified(schemaName, table)}(${list(columns)})`

export const uniqueConstraint = (table: string, { name, columns }: UniqueConstraint): string =>
  `${name ?? 'null'} on ${table}(${list(columns)})`

export const foreignKey = (table: string, key: ForeignKey): string =>
  `${key.name ?? 'null'}(${table}[${list(key.columns)}] -> ${key.referencedTable}[${list(key.referencedColumns)}])`

export function index(schemaName: string | undefined, table: string, { name, unique, columns }: Index): string {
  const shown = columns.map((one) => `${one.name}${one.descending ? ' DESC' : ''}`)
  return `${name}${unique ? ' UNIQUE ' : ''} ON ${qualified(schemaName, table)}(${list(shown)})`
}
