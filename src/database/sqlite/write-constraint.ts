// Indexes in SQLite's SQL. Keys and constraints are part of a table there and cannot be changed afterwards.
import { type ConstraintType, type SomeWriters, cannot } from '../writer.ts'
import type { Naming } from './naming.ts'

const unsupported = cannot('sqlite')

export const constraintWriters: SomeWriters<ConstraintType, Naming> = {
  'add-primary-key': unsupported,
  'drop-primary-key': unsupported,
  'add-unique': unsupported,
  'drop-unique': unsupported,
  'add-foreign-key': unsupported,
  'drop-foreign-key': unsupported,
  'drop-all-foreign-keys': unsupported,
  'create-index': ({ table, name, columns, unique }, naming) => {
    const keys = columns
      .filter((column) => !column.included)
      .map((column) => `${column.computed ? column.name : naming.name(column.name)}${column.descending ? ' DESC' : ''}`)
    const index = name === undefined ? '' : `${naming.name(name)} `
    return [`CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${index}ON ${naming.table(table)}(${keys.join(', ')})`]
  },
  'drop-index': ({ name }, naming) => [`DROP INDEX ${naming.name(name)}`],
}
