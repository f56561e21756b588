// Neutral statements in PostgreSQL's SQL, letter for letter as the original engine writes them.
import type { ObjectQuotingStrategy } from '#changelog/model'
import type { Statement } from '#change/statement'
import type { SqlText } from '../port.ts'
import { type Writers, nothing, placed, writeWith } from '../writer.ts'
import { type Naming, namingFor } from './naming.ts'
import { constraintWriters } from './write-constraint.ts'
import { dataWriters, loadTexts } from './write-data.ts'
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

export function writeStatement(
  statement: Statement,
  quoting: ObjectQuotingStrategy,
  outputSchemaName: string | undefined,
): readonly SqlText[] {
  const naming = namingFor(quoting, outputSchemaName)
  if (statement.type === 'load-data') return loadTexts(statement, naming)
  return placed(statement, writeWith(writers, statement, naming))
}
