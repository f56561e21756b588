// One precondition: does it hold on this database? A failure is a text that says what was found.
import { dbmsMatches } from '#change/dbms'
import type { ObjectQuotingStrategy, Precondition } from '#changelog/model'
import { splitSql } from '#change/split'
import { Fault } from '#contract/fault'
import type { StatementResult } from '#database/port'
import { textOf } from '../cell.ts'
import type { EngineContext } from '../context.ts'
import type { History } from '../history/table.ts'
import { transactionWord } from '../run/transaction.ts'

export type Check = Extract<Precondition, { readonly type: 'check' }>

/** What a check may look at. */
export interface CheckInput {
  readonly context: EngineContext
  /** The history as it is now. */
  readonly history: () => Promise<History>
  /** Path of the changelog that the precondition stands in, for `changeSetExecuted`. */
  readonly path: string
  readonly quoting: ObjectQuotingStrategy
  readonly expand: (text: string) => string
  readonly signal: AbortSignal | undefined
  /** The caller evaluates in a transaction that it rolls back. */
  readonly isRolledBack?: true
}

/** Undefined when it holds. */
type Checker = (input: CheckInput, attribute: (name: string) => string | undefined) => Promise<string | undefined>

/** Attributes of a check by any letter case; empty text counts as absent. */
export async function runCheck(input: CheckInput, check: Check): Promise<string | undefined> {
  const checker = checkers[check.name.toLowerCase()]
  if (!checker) {
    throw new Fault('changelog-invalid', `There is no precondition "${check.name}".`, {
      diagnostics: [unknownCheck(check)],
    })
  }
  const attributes = new Map(Object.entries(check.attributes).map(([name, value]) => [name.toLowerCase(), value]))
  return await checker(input, (name) => attributes.get(name.toLowerCase()) || undefined)
}

export function isKnownCheck(name: string): boolean {
  return name.toLowerCase() in checkers
}

export function unknownCheck(check: Check) {
  const custom = check.name.toLowerCase() === 'customprecondition'
  return {
    code: 'engine/unknown-precondition',
    severity: 'error',
    message: custom
      ? 'a customPrecondition is a Java class, which Sluice cannot run'
      : `there is no precondition "${check.name}"`,
    span: check.span,
    fix: custom ? 'Write it as sqlCheck.' : 'Use one of the preconditions that Liquibase documents, or sqlCheck.',
  } as const
}

/** Builds the checker of an existence test: what to look for, and what to say when it is not there. */
function exists(
  look: (input: CheckInput, attribute: (name: string) => string | undefined) => Promise<boolean>,
  describe: (attribute: (name: string) => string | undefined) => string,
): Checker {
  return async (input, attribute) =>
    (await look(input, attribute)) ? undefined : `${describe(attribute)} does not exist`
}

const schemaOf = (input: CheckInput, attribute: (name: string) => string | undefined): string | undefined =>
  ownerOf(input, attribute) ?? input.context.database.defaultSchemaName

/** Where there are no schemas inside of a database, the catalog says where to look, and the schema where it says nothing. */
function ownerOf(
  { context }: Pick<CheckInput, 'context'>,
  attribute: (name: string) => string | undefined,
): string | undefined {
  const schemaName = attribute('schemaName')
  return context.database.dialect.capability.schemas ? schemaName : (attribute('catalogName') ?? schemaName)
}

function need(attribute: (name: string) => string | undefined, name: string): string {
  const value = attribute(name)
  if (value === undefined) throw new Fault('changelog-invalid', `The precondition needs the attribute "${name}".`)
  return value
}

const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

const checkers: Readonly<Record<string, Checker>> = {
  dbms: async ({ context }, attribute) => {
    const { shortName } = context.database.dialect
    const type = attribute('type')
    if (type !== undefined && dbmsMatches(type, shortName)) return undefined
    return `DBMS Precondition failed: expected ${type ?? 'a type'}, got ${shortName}`
  },
  runningas: async ({ context }, attribute) => {
    const user = context.database.user.replace(/@.*$/, '')
    const wanted = need(attribute, 'username')
    return user.toLowerCase() === wanted.toLowerCase()
      ? undefined
      : `RunningAs Precondition failed: expected ${wanted}, was ${user}`
  },
  changesetexecuted: async ({ history, path }, attribute) => {
    const identity = {
      id: need(attribute, 'id'),
      author: need(attribute, 'author'),
      path: attribute('changeLogFile') ?? path,
    }
    const row = (await history()).find(identity)
    if (row && row.execType !== 'FAILED' && row.execType !== 'SKIPPED') return undefined
    return `Changeset ${identity.path}::${identity.id}::${identity.author} has not been run`
  },
  tableexists: exists(
    async (input, attribute) =>
      await input.context.database.inspect.table(schemaOf(input, attribute), need(attribute, 'tableName')),
    (attribute) => `Table ${qualified(attribute, 'tableName')}`,
  ),
  viewexists: exists(
    async (input, attribute) =>
      await input.context.database.inspect.view(schemaOf(input, attribute), need(attribute, 'viewName')),
    (attribute) => `View ${qualified(attribute, 'viewName')}`,
  ),
  columnexists: exists(
    async (input, attribute) =>
      await input.context.database.inspect.column(
        schemaOf(input, attribute),
        need(attribute, 'tableName'),
        need(attribute, 'columnName'),
      ),
    (attribute) => `Column ${qualified(attribute, 'tableName')}.${attribute('columnName')}`,
  ),
  sequenceexists: exists(
    async (input, attribute) =>
      await input.context.database.inspect.sequence(schemaOf(input, attribute), need(attribute, 'sequenceName')),
    (attribute) => `Sequence ${qualified(attribute, 'sequenceName')}`,
  ),
  foreignkeyconstraintexists: exists(
    async (input, attribute) =>
      await input.context.database.inspect.foreignKey(
        schemaOf(input, attribute),
        attribute('foreignKeyTableName'),
        need(attribute, 'foreignKeyName'),
      ),
    (attribute) => `Foreign key ${attribute('foreignKeyName')}`,
  ),
  indexexists: exists(
    async (input, attribute) =>
      await input.context.database.inspect.index(
        schemaOf(input, attribute),
        attribute('tableName'),
        attribute('indexName'),
        listOf(attribute('columnNames')),
      ),
    (attribute) =>
      `Index ${attribute('indexName') ?? `on ${attribute('tableName')}(${attribute('columnNames') ?? ''})`}`,
  ),
  primarykeyexists: exists(
    async (input, attribute) =>
      await input.context.database.inspect.primaryKey(
        schemaOf(input, attribute),
        attribute('tableName'),
        attribute('primaryKeyName'),
      ),
    (attribute) => `Primary key ${attribute('primaryKeyName') ?? `on ${attribute('tableName')}`}`,
  ),
  uniqueconstraintexists: exists(
    async (input, attribute) =>
      await input.context.database.inspect.uniqueConstraint(
        schemaOf(input, attribute),
        need(attribute, 'tableName'),
        attribute('constraintName'),
        listOf(attribute('columnNames')),
      ),
    (attribute) =>
      `Unique constraint ${attribute('constraintName') ?? attribute('columnNames')} on ${attribute('tableName')}`,
  ),
  rowcount: async (input, attribute) => {
    const table = tableOf(input, attribute)
    const count = comparable(await firstValue(input, `SELECT COUNT(*) FROM ${table}`))
    const wanted = need(attribute, 'expectedRows').trim()
    return count === wanted
      ? undefined
      : `Table ${attribute('tableName')} does not have ${wanted} rows. It contains ${count} rows`
  },
  tableisempty: async (input, attribute) => {
    const table = tableOf(input, attribute)
    const count = Number(await firstValue(input, `SELECT COUNT(1) FROM ${table}`))
    return count === 0 ? undefined : `Table ${attribute('tableName')} is not empty.`
  },
  sqlcheck: async (input, attribute) => await sqlCheck(input, attribute),
  expectedquotingstrategy: async ({ quoting }, attribute) => {
    const wanted = need(attribute, 'strategy')
    return wanted === quoting ? undefined : `Expected quoting strategy ${wanted}, found ${quoting}`
  },
  changelogpropertydefined: async ({ expand }, attribute) => {
    const name = need(attribute, 'property')
    const text = `\${${name}}`
    const value = expand(text)
    if (value === text) return `Changelog property '${name}' was not defined`
    const wanted = attribute('value')
    return wanted === undefined || wanted === value
      ? undefined
      : `Expected changelog property '${name}' to have a value of '${wanted}'. Got '${value}'`
  },
}

async function sqlCheck(
  input: CheckInput,
  attribute: (name: string) => string | undefined,
): Promise<string | undefined> {
  const sql = need(attribute, 'sql').trim().replace(/;$/, '')
  const result = await withoutEffect(input, sql)
  if (result.rows.length > 1)
    throw new Fault('changelog-invalid', `The query gives ${result.rows.length} rows, a sqlCheck needs one.`)
  if (result.rows.length === 0) return 'No rows returned from SQL Precondition'
  const value = comparable(firstColumn(result))
  const wanted = attribute('expectedResult') ?? ''
  return value === wanted ? undefined : `SQL Precondition failed. Expected '${wanted}' got '${value}'`
}

/** Whatever it says, it changes nothing: a preview evaluates it too. */
async function withoutEffect({ context, isRolledBack, signal }: CheckInput, sql: string): Promise<StatementResult> {
  const { session } = context.database
  if (isRolledBack) return await session.execute(sql, [], signal)
  // It would end the transaction that is taken back.
  const parts = splitSql(sql, { splitStatements: true, stripComments: true, endDelimiter: undefined })
  if (parts.some((part) => transactionWord.test(part.sql)))
    throw new Fault('changelog-invalid', 'A sqlCheck that begins or ends a transaction is not asked for a script.')
  await session.begin()
  try {
    return await session.execute(sql, [], signal)
  } finally {
    await session.rollback()
  }
}

function tableOf(input: CheckInput, attribute: (name: string) => string | undefined): string {
  const { dialect } = input.context.database
  const schema = ownerOf(input, attribute)
  const name = dialect.quoteObject(need(attribute, 'tableName'), 'LEGACY')
  return schema === undefined ? name : `${dialect.quoteObject(schema, 'LEGACY')}.${name}`
}

async function firstValue(input: CheckInput, sql: string): Promise<unknown> {
  return firstColumn(await input.context.database.session.execute(sql, [], input.signal))
}

function firstColumn(result: StatementResult): unknown {
  return Object.values(result.rows[0] ?? {})[0]
}

/** As the original engine compares: the value as text, booleans `t`/`f` as PostgreSQL prints them. */
function comparable(value: unknown): string {
  if (typeof value === 'boolean') return value ? 't' : 'f'
  return textOf(value) ?? 'null'
}

function qualified(attribute: (name: string) => string | undefined, name: string): string {
  const schema = attribute('schemaName')
  return schema === undefined ? (attribute(name) ?? '') : `${schema}.${attribute(name)}`
}
