// The tables that the engine keeps for itself are not part of what people compare, generate or drop.
import type { HistoryNames } from '#database/port'
import type { Snapshot } from '#database/snapshot/model'

export function withoutHistory(snapshot: Snapshot, names: HistoryNames): Snapshot {
  const own = new Set([names.changelogTable, names.lockTable, 'SLUICE_JOURNAL'].map((name) => name.toLowerCase()))
  const isOwn = (schemaName: string | undefined, table: string): boolean =>
    own.has(table.toLowerCase()) &&
    (schemaName === undefined ||
      names.schemaName === undefined ||
      names.schemaName.toLowerCase() === schemaName.toLowerCase())
  return {
    ...snapshot,
    schemas: snapshot.schemas.map((schema) => ({
      ...schema,
      tables: schema.tables.filter(({ name }) => !isOwn(schema.name, name)),
    })),
  }
}
