// What is PostgreSQL's own and needs no connection.
import { capabilities } from '../capability.ts'
import type { Dialect } from '../port.ts'
import { createChangelogTable, createLockTable, historyTable } from './history.ts'
import { quoteName } from './quote.ts'
import { literal, now } from './value.ts'
import { writeStatement } from './write.ts'

/** `embedded` runs inside our process: the same language, but nothing can be cancelled. */
export function postgresDialect(embedded: boolean, outputSchemaName: string | undefined): Dialect {
  return {
    shortName: 'postgresql',
    capability: embedded ? capabilities.pglite : capabilities.postgresql,
    write: (statement, quoting) => writeStatement(statement, quoting, outputSchemaName),
    prefixed: (schemaName) => postgresDialect(embedded, schemaName),
    quoteObject: quoteName,
    literal,
    now,
    createChangelogTable,
    createLockTable,
    historyTable,
    digestOfRows,
  }
}

/** Two sums of 64-bit hashes and the number of rows. Reading 50,000 rows of a history takes 300 ms, this takes 60. */
const digestOfRows = (table: string): string =>
  `select concat_ws(':', count(*), sum(hashtextextended(r::text, 0)), sum(hashtextextended(r::text, 1))) from ${table} r`
