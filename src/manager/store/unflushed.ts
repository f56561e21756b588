// Writes that may be forgotten in a crash of the store, because they are made again: they do not wait for its disk.
import { type RawBuilder, sql } from 'kysely'

/**
 * A common table expression that makes the commit of the statement it stands in return before its log is on disk; it works only
 * where something reads from it. For single statements outside of a transaction; inside one it would hold for all of it.
 */
export const unflushed: RawBuilder<unknown> = sql`unflushed as materialized (
    select set_config('synchronous_commit', 'off', true) as setting
  )`
