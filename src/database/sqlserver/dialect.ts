// What is SQL Server's own and needs no connection.
import { capabilities } from '../capability.ts'
import type { Dialect, ScriptRole } from '../port.ts'
import { createChangelogTable, createLockTable, historyTable } from './history.ts'
import { quoteName } from './quote.ts'
import { literal, now } from './value.ts'
import { writeStatement } from './write.ts'

export function sqlServerDialect(outputSchemaName: string | undefined): Dialect {
  // The schema that names without one are in anyway is not written, as in the scripts of the original engine.
  const prefix = outputSchemaName?.toLowerCase() === 'dbo' ? undefined : outputSchemaName
  return {
    shortName: 'mssql',
    capability: capabilities.mssql,
    write: (statement, quoting) => writeStatement(statement, quoting, prefix),
    prefixed: (schemaName) => sqlServerDialect(schemaName),
    quoteObject: quoteName,
    literal,
    now,
    // The driver would read a time with a zone as a moment and lose the zone.
    nowWithZone: "REPLACE(REPLACE(CONVERT(nvarchar(40), SYSDATETIMEOFFSET(), 121), ' +', '+'), ' -', '-')",
    createChangelogTable,
    createLockTable,
    historyTable,
    script: {
      finish: (sql, endDelimiter, role) => `${sql}${delimiterAfter(sql, endDelimiter, role)}\nGO`,
      use: (catalogName) => `USE ${quoteName(catalogName, 'LEGACY')}`,
    },
  }
}

/** Batches end with GO. The original engine puts a semicolon before it only after statements of changes that were not split by something else. */
function delimiterAfter(sql: string, endDelimiter: string, role: ScriptRole): string {
  const wanted = role === 'apply' && (endDelimiter === ';' || endDelimiter === '')
  return wanted && !sql.endsWith(';') ? ';' : ''
}
