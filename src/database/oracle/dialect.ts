// What is Oracle's own and needs no connection.
import { capabilities } from '../capability.ts'
import type { Dialect } from '../port.ts'
import { isCovered } from './effect.ts'
import { createChangelogTable, createLockTable, historyTable } from './history.ts'
import { quoteName } from './quote.ts'
import { literal, now } from './value.ts'
import { writeStatement } from './write.ts'

export interface OracleOptions {
  readonly outputSchemaName?: string | undefined
  /** `19.3.0.0.0`; decides whether there are booleans. Without one it is taken for the newest. */
  readonly productVersion?: string | undefined
  /** There is a server, whose reserved words must be quoted. */
  readonly live?: boolean | undefined
}

export function oracleDialect({ outputSchemaName, productVersion, live = false }: OracleOptions): Dialect {
  const major = /\d+/.exec(productVersion ?? '')?.[0]
  const majorVersion = major === undefined ? undefined : Number(major)
  return {
    shortName: 'oracle',
    live,
    capability: capabilities.oracle,
    write: (statement, quoting) => writeStatement(statement, quoting, { outputSchemaName, majorVersion, live }),
    prefixed: (schemaName, version) => oracleDialect({ outputSchemaName: schemaName, productVersion: version, live }),
    isCovered,
    quoteObject: (name, quoting) => quoteName(name, quoting, live),
    literal,
    now,
    nowWithZone: "TO_CHAR(SYSTIMESTAMP, 'YYYY-MM-DD HH24:MI:SS.FF3TZH:TZM')",
    createChangelogTable,
    createLockTable: (names) => createLockTable(names, majorVersion),
    historyTable,
    script: { finish: scriptText },
  }
}

/** A slash of the user's own ends nothing twice; after a stored program it is what runs it. */
function scriptText(sql: string, endDelimiter: string): string {
  const text = sql
    .replace(/\/\s*\/\s*$/, '')
    .replace(/\n\s*\/\s*$/, '')
    .trimEnd()
  const delimiter = endDelimiter === '\n/' ? endDelimiter : ';'
  return text.endsWith(delimiter) ? text : `${text}${delimiter}`
}
