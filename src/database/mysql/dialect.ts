// What is the own of MySQL or MariaDB and needs no connection.
import type { Dialect } from '../port.ts'
import { isCovered } from './effect.ts'
import type { Flavour } from './flavour.ts'
import { createChangelogTable, createLockTable, historyTable } from './history.ts'
import { quoteName } from './quote.ts'
import { literal, now, nowWithZone } from './value.ts'
import { writeStatement } from './write.ts'

export function mysqlDialect(flavour: Flavour, outputSchemaName: string | undefined): Dialect {
  return {
    shortName: flavour.shortName,
    capability: flavour.capability,
    write: (statement, quoting) => writeStatement(statement, quoting, flavour, outputSchemaName),
    prefixed: (schemaName) => mysqlDialect(flavour, schemaName),
    isCovered,
    quoteObject: quoteName,
    literal,
    now,
    nowWithZone,
    createChangelogTable,
    createLockTable: (names) => createLockTable(names, flavour),
    historyTable,
  }
}
