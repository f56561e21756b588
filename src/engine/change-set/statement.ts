// The statements of a change set for one database, forward and back.
import type { Change } from '#change/change'
import type { Statement, TableName } from '#change/statement'
import type { ChangelogNode } from '#changelog/node'
import type { ChangeSet, SqlVisitor } from '#changelog/model'
import { changeSetFqn } from '#contract/change-set'
import { type Diagnostic, hasErrors } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import type { BulkRows, SqlText } from '#database/port'
import type { EngineContext } from '../context.ts'
import type { PlannedStatement } from '../plan.ts'
import { modifySql } from './modify-sql.ts'
import { changeContextOf, effectiveOf, type ParsedChangeSet, parseChangeSet, parseNodes } from './parse.ts'
import type { TableTypes } from './table-types.ts'

/** What could be lowered, and findings about what could not. */
export interface Lowered {
  readonly statements: readonly PlannedStatement[]
  /** What `output` changes print and what a `stop` change says; neither is SQL. */
  readonly messages: readonly string[]
  readonly stop: string | undefined
  readonly diagnostics: readonly Diagnostic[]
}

const nothing: Lowered = { statements: [], messages: [], stop: undefined, diagnostics: [] }

/** `tables` follows the plan, so that data files are read with the types that their columns will have. */
export async function forwardStatements(
  context: EngineContext,
  parsed: ParsedChangeSet,
  tables?: TableTypes,
): Promise<Lowered> {
  return await lower(context, parsed.changeSet, parsed.effective, parsed.visitors, tables)
}

/**
 * The explicit rollback, or the inverse of every change in reverse order. Diagnostics `engine/no-inverse` for changes that have
 * none.
 */
export async function rollbackStatements(
  context: EngineContext,
  parsed: ParsedChangeSet,
  tables?: TableTypes,
): Promise<Lowered> {
  const { changeSet } = parsed
  const visitors = parsed.visitors.filter((visitor) => visitor.applyToRollback)
  if (changeSet.rollback === undefined) {
    // The inverse of what cannot be read would be incomplete.
    if (hasErrors(parsed.diagnostics)) return { ...nothing, diagnostics: parsed.diagnostics }
    const { nodes, diagnostics } = inverseNodes(context, parsed)
    return joined([{ ...nothing, diagnostics }, await lowerNodes(context, changeSet, nodes, visitors, tables)])
  }
  const parts: Lowered[] = []
  for (const reference of changeSet.rollback.references) {
    const other = context.changelog.changeSets.find((one) => isReferred(one, reference))
    if (other === undefined) parts.push({ ...nothing, diagnostics: [missingReference(reference)] })
    else parts.push(await forwardStatements(context, parseChangeSet(context, other), tables))
  }
  parts.push(await lowerNodes(context, changeSet, changeSet.rollback.changes, visitors, tables))
  return joined(parts)
}

function inverseNodes(
  context: EngineContext,
  parsed: ParsedChangeSet,
): { readonly nodes: readonly ChangelogNode[]; readonly diagnostics: readonly Diagnostic[] } {
  const nodes: ChangelogNode[] = []
  const diagnostics: Diagnostic[] = []
  for (const change of parsed.effective.toReversed()) {
    const inverse = inverseOf(context, change)
    if (typeof inverse !== 'string') nodes.push(...inverse)
    else
      diagnostics.push({
        code: 'engine/no-inverse',
        severity: 'error',
        message: `${changeSetFqn({ ...parsed.changeSet, fileName: parsed.changeSet.path })}: ${inverse}`,
        span: change.span,
        fix: 'Add a rollback block to the change set; an empty one says that nothing has to be undone.',
      })
  }
  return { nodes, diagnostics }
}

function inverseOf(context: EngineContext, change: Change): readonly ChangelogNode[] | string {
  return change.type.inverse(change.attributes, context.database.dialect.shortName, change.span)
}

async function lowerNodes(
  context: EngineContext,
  changeSet: ChangeSet,
  nodes: readonly ChangelogNode[],
  visitors: readonly SqlVisitor[],
  tables: TableTypes | undefined,
): Promise<Lowered> {
  const parsed = parseNodes(context, nodes)
  if (hasErrors(parsed.diagnostics)) return { ...nothing, diagnostics: parsed.diagnostics }
  const lowered = await lower(context, changeSet, effectiveOf(context, parsed.changes), visitors, tables)
  return joined([{ ...nothing, diagnostics: parsed.diagnostics }, lowered])
}

/** `runWith` names a program that the original engine has only with extensions; what is written for it may not be SQL at all. */
function otherExecutor({ runWith, span }: ChangeSet): Diagnostic | undefined {
  if (runWith === undefined || runWith.trim() === '' || runWith.trim().toLowerCase() === 'jdbc') return undefined
  return {
    code: 'engine/unknown-executor',
    severity: 'error',
    message: `runWith is ${JSON.stringify(runWith)}, and Sluice runs every change set through its own connection`,
    span,
    fix: 'Take runWith out if the change set is plain SQL; otherwise run it by other means, and mark it as ran.',
  }
}

async function lower(
  context: EngineContext,
  changeSet: ChangeSet,
  changes: readonly Change[],
  visitors: readonly SqlVisitor[],
  tables: TableTypes | undefined,
): Promise<Lowered> {
  const refused = otherExecutor(changeSet)
  if (refused !== undefined) return { ...nothing, diagnostics: [refused] }
  const own = changeContextOf(context, changeSet)
  const changeContext = tables === undefined ? own : { ...own, columnTypes: (table: TableName) => tables.of(table) }
  const parts: Lowered[] = []
  for (const change of changes) {
    try {
      const statements = await change.type.statements(change.attributes, changeContext, change.span)
      for (const statement of statements) await tables?.observe(statement)
      const texts: Lowered[] = []
      for (const statement of statements) {
        const text = await write(context, { changeSet, change, visitors, tables }, statement)
        tables?.wrote(text.statements)
        texts.push(text)
      }
      const written = joined(texts)
      parts.push(change.type.volatile ? { ...written, statements: marked(written.statements) } : written)
    } catch (error) {
      parts.push({ ...nothing, diagnostics: asDiagnostics(error, change) })
    }
  }
  return joined(parts)
}

interface Place {
  readonly changeSet: ChangeSet
  readonly change: Change
  readonly visitors: readonly SqlVisitor[]
  readonly tables: TableTypes | undefined
}

async function write(
  context: EngineContext,
  { changeSet, change, visitors, tables }: Place,
  statement: Statement,
): Promise<Lowered> {
  if (statement.type === 'message') return { ...nothing, messages: [statement.text] }
  if (statement.type === 'stop') return { ...nothing, stop: statement.message }
  const { dialect } = context.database
  // Without a plan nobody knows the table; then the question is only whether there are statements at all.
  if (tables === undefined && dialect.copy?.needs(statement)) return nothing
  const quoting = changeSet.objectQuotingStrategy
  const texts = (await tables?.copy(statement, changeSet)) ?? dialect.write(statement, quoting)
  const statements = texts.map((text) =>
    text.bulk !== undefined && visitors.length === 0
      ? bulkStatement(text, text.bulk, change)
      : { sql: modifySql(text.sql, visitors), endDelimiter: text.endDelimiter, span: text.span ?? change.span },
  )
  return { ...nothing, statements }
}

/** Its text is only made when somebody asks for it: of 100,000 rows it takes longer than they take to load. */
function bulkStatement(text: SqlText, bulk: BulkRows, change: Change): PlannedStatement {
  const { endDelimiter, span = change.span } = text
  return {
    get sql() {
      return text.sql
    },
    endDelimiter,
    span,
    bulk,
  }
}

function marked([first, ...rest]: readonly PlannedStatement[]): readonly PlannedStatement[] {
  if (first === undefined) return []
  const { bulk } = first
  if (bulk === undefined) return [{ ...first, volatile: true }, ...rest]
  const lazy: PlannedStatement = {
    get sql() {
      return first.sql
    },
    endDelimiter: first.endDelimiter,
    span: first.span,
    bulk,
    volatile: true,
  }
  return [lazy, ...rest]
}

/** Files that are missing and changes that the database cannot do are findings about the changelog; the rest is not ours. */
function asDiagnostics(error: unknown, change: Change): readonly Diagnostic[] {
  if (!(error instanceof Fault)) throw error
  if (error.code !== 'changelog-invalid' && error.code !== 'not-found' && error.code !== 'too-large') throw error
  if (error.diagnostics.length > 0) return error.diagnostics
  return [{ code: 'engine/change', severity: 'error', message: error.message, span: change.span, fix: error.hint }]
}

function joined(parts: readonly Lowered[]): Lowered {
  return {
    statements: parts.flatMap((part) => part.statements),
    messages: parts.flatMap((part) => part.messages),
    stop: parts.find((part) => part.stop !== undefined)?.stop,
    diagnostics: parts.flatMap((part) => part.diagnostics),
  }
}

type Reference = NonNullable<ChangeSet['rollback']>['references'][number]

function isReferred(changeSet: ChangeSet, reference: Reference): boolean {
  return changeSet.id === reference.id && changeSet.author === reference.author && changeSet.path === reference.path
}

function missingReference(reference: Reference): Diagnostic {
  return {
    code: 'engine/rollback-reference',
    severity: 'error',
    message: `the rollback refers to ${reference.path}::${reference.id}::${reference.author}, which the changelog does not have`,
    span: reference.span,
    fix: 'Correct changeSetId, changeSetAuthor and changeSetPath.',
  }
}
