// One function for each neutral statement: a database that lacks one does not compile.
import type { Statement } from '#change/statement'
import { Fault } from '#contract/fault'
import type { SqlText } from './port.ts'

export type StatementOf<Type extends Statement['type']> = Extract<Statement, { type: Type }>

/** SQL texts in order; the context is what the database's folder needs besides the statement. */
export type Writers<Context> = {
  readonly [Type in Statement['type']]: (statement: StatementOf<Type>, context: Context) => readonly string[]
}

export type SomeWriters<Type extends Statement['type'], Context> = Pick<Writers<Context>, Type>

export function writeWith<Context>(
  writers: Writers<Context>,
  statement: Statement,
  context: Context,
): readonly string[] {
  const write = writers[statement.type] as (statement: Statement, context: Context) => readonly string[]
  return write(statement, context)
}

/** For statements that the database cannot do; reading the change has said so with its place, this is the last line. */
export function cannot(dbms: string): (statement: Statement) => never {
  return (statement) => {
    throw new Fault('changelog-invalid', `"${statement.type}" is not supported on ${dbms}`, {
      hint: `Give the change set a dbms list without ${dbms}, and do it with sql there.`,
    })
  }
}

/** Statements for the engine have no SQL. */
export const nothing = (): readonly string[] => []

/** Texts of the user keep the delimiter that the changelog names, and their place. */
export function placed(statement: Statement, texts: readonly string[]): readonly SqlText[] {
  const endDelimiter = statement.type === 'raw-sql' ? (statement.endDelimiter ?? ';') : ';'
  const place = 'span' in statement ? { span: statement.span } : {}
  return texts.map((sql) => ({ sql, endDelimiter, ...place }))
}
