// How far AUTOINCREMENT columns of SQLite have come: further than the highest row when rows were deleted.
import type { CounterReader } from '../snapshot/reader.ts'
import { textOf } from '../snapshot/group.ts'
import { literal } from './value.ts'

export const sqliteCounters: CounterReader = async (rows) => {
  // The table is there once one column counts.
  const found = await rows("select 1 from sqlite_master where name = 'sqlite_sequence'")
  if (found.length === 0) return []
  return (await rows('select name, cast(seq as text) as seq from sqlite_sequence where seq > 0 order by name')).map(
    (row) => ({
      schemaName: undefined,
      tableName: textOf(row['name']),
      sequenceName: undefined,
      statement: () =>
        `UPDATE sqlite_sequence SET seq = ${textOf(row['seq'])} WHERE name = ${literal(textOf(row['name']))}`,
    }),
  )
}
