// One function for each neutral statement: a database that lacks one does not compile.
import type { Statement } from '#change/statement'
import { Fault } from '#contract/fault'
import type { SqlText } from './port.ts'

export type StatementOf<Type extends Statement['type']> = Extract<Statement, { type: Type }>

/** SQL texts in order; the context is what the database's folder needs besides the statement. */
export type Writers<Context> = {
  readonly [Type in Statement['type']]: (statement: StatementOf<Type>, context: Context) => readonly string[]
}

/** What is done to tables and their columns. */
export type TableType =
  | 'create-table'
  | 'drop-table'
  | 'rename-table'
  | 'set-table-remarks'
  | 'create-lookup-table'
  | 'add-columns'
  | 'drop-columns'
  | 'rename-column'
  | 'modify-type'
  | 'set-nullable'
  | 'fill-empty'
  | 'set-default'
  | 'drop-default'
  | 'set-column-remarks'
  | 'add-auto-increment'
  | 'concatenate-columns'

/** What is done to views, sequences and procedures. */
export type ObjectType =
  | 'create-view'
  | 'drop-view'
  | 'rename-view'
  | 'create-sequence'
  | 'alter-sequence'
  | 'drop-sequence'
  | 'rename-sequence'
  | 'create-procedure'
  | 'drop-procedure'

/** What is done to keys, constraints and indexes. */
export type ConstraintType =
  | 'add-primary-key'
  | 'drop-primary-key'
  | 'add-unique'
  | 'drop-unique'
  | 'add-foreign-key'
  | 'drop-foreign-key'
  | 'drop-all-foreign-keys'
  | 'create-index'
  | 'drop-index'

/** What is done to rows. */
export type DataType = 'insert' | 'update' | 'delete' | 'load-data' | 'merge-data'

/** The files of a database have one part each. */
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
