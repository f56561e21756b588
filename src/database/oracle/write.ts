// Neutral statements in Oracle's SQL, letter for letter as the original engine writes them.
import type { ObjectQuotingStrategy } from '#changelog/model'
import type { Statement } from '#change/statement'
import type { SqlText } from '../port.ts'
import { type Writers, nothing, placed, writeWith } from '../writer.ts'
import { type Naming, type NamingOptions, namingFor } from './naming.ts'
import { constraintWriters } from './write-constraint.ts'
import { dataWriters } from './write-data.ts'
import { objectWriters } from './write-object.ts'
import { tableWriters } from './write-table.ts'

const writers: Writers<Naming> = {
  ...tableWriters,
  ...constraintWriters,
  ...objectWriters,
  ...dataWriters,
  'raw-sql': ({ sql }) => [sql],
  message: nothing,
  stop: nothing,
}

/** What a script puts after texts that are PL/SQL: nothing after a block, a slash after a stored one. */
const delimiters: Partial<Record<Statement['type'], string>> = { 'create-procedure': '\n/', 'merge-data': '' }

export function writeStatement(
  statement: Statement,
  quoting: ObjectQuotingStrategy,
  options: NamingOptions,
): readonly SqlText[] {
  const texts = placed(statement, writeWith(writers, statement, namingFor(quoting, options)))
  const endDelimiter = delimiters[statement.type]
  return endDelimiter === undefined ? texts : texts.map((text) => ({ ...text, endDelimiter }))
}
