// Neutral statements in SQL Server's SQL, letter for letter as the original engine writes them.
import type { ObjectQuotingStrategy } from '#changelog/model'
import type { Statement } from '#change/statement'
import type { SqlText } from '../port.ts'
import { type Writers, nothing, placed, writeWith } from '../writer.ts'
import { type Naming, namingFor } from './naming.ts'
import { constraintWriters } from './write-constraint.ts'
import { dataWriters } from './write-data.ts'
import { objectWriters } from './write-object.ts'
import { tableWriters } from './write-table.ts'

const writers: Writers<Naming> = {
  ...tableWriters,
  ...constraintWriters,
  ...objectWriters,
  ...dataWriters,
  // As the original engine sends them: texts over several lines become data, and what was stored before has these line ends.
  'raw-sql': ({ sql }) => [sql.replace(/\r?\n/g, '\r\n')],
  message: nothing,
  stop: nothing,
}

export function writeStatement(
  statement: Statement,
  quoting: ObjectQuotingStrategy,
  outputSchemaName: string | undefined,
): readonly SqlText[] {
  const texts = placed(statement, writeWith(writers, statement, namingFor(quoting, outputSchemaName)))
  // Blocks end by themselves.
  return statement.type === 'merge-data' ? texts.map((text) => ({ ...text, endDelimiter: '' })) : texts
}
