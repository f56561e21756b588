// `execute-sql`: statements of a person, outside of any changelog.
import { splitSql } from '#change/split'
import type { TargetContext } from './context.ts'
import { textOf } from './cell.ts'
import { underLock } from './lock/acquire.ts'

export interface ExecutedStatement {
  readonly sql: string
  /** Undefined for a statement that gives no rows. Cells as text, null for NULL. */
  readonly result:
    | { readonly columns: readonly string[]; readonly rows: readonly (readonly (string | null)[])[] }
    | undefined
  readonly rowsAffected: number
}

/**
 * All statements in one transaction, so that a failure leaves nothing where the database can take DDL back; a single statement
 * runs as it is, because some (VACUUM, CREATE DATABASE) refuse a transaction. Takes the lock, as the original engine does.
 */
export async function executeSql(
  target: TargetContext,
  text: string,
  delimiter: string | undefined,
  signal?: AbortSignal,
): Promise<readonly ExecutedStatement[]> {
  const statements = splitSql(text, { endDelimiter: delimiter, stripComments: true, splitStatements: true })
  const { session } = target.database
  return await underLock(
    target,
    async () => {
      const alone = statements.length < 2
      if (!alone) await session.begin()
      try {
        const done: ExecutedStatement[] = []
        for (const { sql } of statements) done.push(await executeOne(target, sql, signal))
        if (!alone) await session.commit()
        return done
      } catch (error) {
        if (!alone) await session.rollback()
        throw error
      }
    },
    signal,
  )
}

async function executeOne(target: TargetContext, sql: string, signal?: AbortSignal): Promise<ExecutedStatement> {
  const { rows, rowsAffected } = await target.database.session.execute(sql, [], signal)
  const columns = Object.keys(rows[0] ?? {})
  if (columns.length === 0 && !isQuery(sql)) return { sql, result: undefined, rowsAffected }
  const cells = rows.map((row) => columns.map((column) => textOf(row[column]) ?? null))
  return { sql, result: { columns, rows: cells }, rowsAffected }
}

/** One that gives rows even when there are none. */
const isQuery = (sql: string): boolean => /^\s*(?:select|with|values|show|table|pragma|explain)\b/i.test(sql)
