// What is SQLite's own and needs no connection.
import { capabilities } from '../capability.ts'
import type { Dialect } from '../port.ts'
import { copyTable, isCopied } from './copy-table.ts'
import { createChangelogTable, createLockTable, historyTable } from './history.ts'
import { quoteName } from './quote.ts'
import { literal, now } from './value.ts'
import { writeStatement } from './write.ts'

export const sqliteDialect: Dialect = {
  shortName: 'sqlite',
  capability: capabilities.sqlite,
  write: writeStatement,
  copy: {
    needs: isCopied,
    write: async (statement, quoting, past, alone) =>
      isCopied(statement) ? await copyTable(statement, quoting, past, alone) : writeStatement(statement, quoting),
  },
  quoteObject: quoteName,
  literal,
  now,
  createChangelogTable,
  createLockTable,
  historyTable,
}
