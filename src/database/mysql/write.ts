// Neutral statements in the SQL of MySQL and MariaDB, letter for letter as the original engine writes them.
import type { ObjectQuotingStrategy } from '#changelog/model'
import type { Statement } from '#change/statement'
import type { SqlText } from '../port.ts'
import { type Writers, nothing, placed, writeWith } from '../writer.ts'
import type { Context } from './context.ts'
import type { Flavour } from './flavour.ts'
import { namingFor } from './naming.ts'
import { constraintWriters } from './write-constraint.ts'
import { dataWriters, loadTexts } from './write-data.ts'
import { objectWriters } from './write-object.ts'
import { tableWriters } from './write-table.ts'

const writers: Writers<Context> = {
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
  flavour: Flavour,
  outputSchemaName: string | undefined,
): readonly SqlText[] {
  const context = { naming: namingFor(quoting, outputSchemaName), flavour }
  if (statement.type === 'load-data') return loadTexts(statement, context)
  return placed(statement, writeWith(writers, statement, context))
}
