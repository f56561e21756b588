// Views in SQLite's SQL. It has neither sequences nor procedures; changes about these do nothing, as in the original engine.
import { type ObjectType, type SomeWriters, cannot, nothing } from '../writer.ts'
import type { Naming } from './naming.ts'

const unsupported = cannot('sqlite')

export const objectWriters: SomeWriters<ObjectType, Naming> = {
  'create-view': ({ view, query, fullDefinition, replace }, naming) => {
    const name = naming.name(view.name)
    const create = fullDefinition ? query : `CREATE VIEW ${name} AS ${query}`
    // Without IF EXISTS, as the original engine writes it, the first run would fail.
    return replace && !fullDefinition ? [`DROP VIEW IF EXISTS ${name}`, create] : [create]
  },
  'drop-view': ({ view, ifExists }, naming) => [`DROP VIEW ${ifExists ? 'IF EXISTS ' : ''}${naming.name(view.name)}`],
  'rename-view': unsupported,
  'create-sequence': nothing,
  'alter-sequence': nothing,
  'drop-sequence': nothing,
  'rename-sequence': unsupported,
  'create-procedure': nothing,
  'drop-procedure': unsupported,
}
