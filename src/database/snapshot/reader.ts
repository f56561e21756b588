// What each database offers to tell what is in it.
import type { Database, Row } from '../port.ts'
import type { Snapshot } from './model.ts'

/** `schemaNames`: those to read, as the database holds them; without, the default one. */
export type SnapshotReader = (
  database: Database,
  schemaNames: readonly string[] | undefined,
  signal?: AbortSignal,
) => Promise<Snapshot>

export interface Counter {
  readonly schemaName: string | undefined
  /** The table that it counts for; undefined for a sequence that stands alone. */
  readonly tableName: string | undefined
  readonly sequenceName: string | undefined
  /** The statement that sets it. `schemaName`: written before names; undefined for the default schema. */
  readonly statement: (schemaName: string | undefined) => string
}

export type Query = (sql: string, parameters?: readonly string[]) => Promise<readonly Row[]>
export type CounterReader = (rows: Query, schemaNames: readonly string[]) => Promise<readonly Counter[]>
