// What the store hands to whoever migrates it: one session of its own, in the shape that our change engine works with.
import { fileURLToPath } from 'node:url'

export type MigrationValue = string | number | bigint | boolean | Uint8Array | null

/** One connection, used alone. The shape matches the session of a target database, so that the engine can drive it. */
export interface MigrationSession {
  execute(
    sql: string,
    parameters?: readonly MigrationValue[],
  ): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[]; readonly rowsAffected: number }>
  begin(): Promise<void>
  commit(): Promise<void>
  /** Safe to call without a transaction. */
  rollback(): Promise<void>
}

/** Brings the schema up to date. Runs while no other replica migrates. */
export type Migrate = (session: MigrationSession) => Promise<void>

/** Folder of the store's changelog, and the file in it that includes all the others in the order of their names. */
export const storeChangelogFolder = fileURLToPath(new URL('changelog', import.meta.url))
export const storeChangelogFile = 'store.yaml'

export function migrationSession(
  execute: (
    sql: string,
    parameters: readonly MigrationValue[],
  ) => Promise<{ rows: readonly Readonly<Record<string, unknown>>[]; rowsAffected: number }>,
): MigrationSession {
  let open = false
  const run = async (sql: string, opens: boolean): Promise<void> => {
    await execute(sql, [])
    open = opens
  }
  return {
    execute: (sql, parameters = []) => execute(sql, parameters),
    begin: () => run('begin', true),
    commit: () => run('commit', false),
    rollback: async () => {
      if (open) await run('rollback', false)
    },
  }
}
