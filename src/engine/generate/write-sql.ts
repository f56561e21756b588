// A changelog as formatted SQL for one database.
import type { ObjectQuotingStrategy } from '#changelog/model'
import { memorySource } from '#changelog/memory'
import { parseChange } from '#change/registry'
import { formatDiagnostic } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import type { Dialect } from '#database/port'
import { type Change, type ChangeSetToWrite, escaped, nodeOf } from './change.ts'

const head = '-- liquibase formatted sql'

export async function writeSql(
  changeSets: readonly ChangeSetToWrite[],
  dialect: Dialect,
  quoting: ObjectQuotingStrategy,
): Promise<string> {
  return `${head}\n\n${await appendedSql(changeSets, dialect, quoting)}`
}

/** Without the head. */
export async function appendedSql(
  changeSets: readonly ChangeSetToWrite[],
  dialect: Dialect,
  quoting: ObjectQuotingStrategy,
): Promise<string> {
  const parts: string[] = []
  for (const changeSet of changeSets) parts.push(await changeSetText(changeSet, dialect, quoting))
  return parts.join('')
}

/** The form knows no `created`. */
async function changeSetText(
  { id, author, attributes, changes }: ChangeSetToWrite,
  dialect: Dialect,
  quoting: ObjectQuotingStrategy,
): Promise<string> {
  const statements: string[] = []
  for (const change of changes) statements.push(...(await statementsOf(change, dialect, quoting)))
  const own = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined || name === 'created' ? [] : [` ${name}:${value}`],
  )
  // An id with blanks stands in quotes, and then cannot hold any.
  const shownId = /\s/.test(id) ? `"${id.replaceAll('"', "'")}"` : id
  const title = `-- changeset ${author}:${shownId}${own.join('')} splitStatements:${statements.length > 1}`
  const lines = statements.map((sql) => ended(sql, statements.length > 1, dialect))
  return `${title}\n${escaped(lines.join('\n'))}\n\n`
}

/** Oracle takes no semicolon behind a single statement, and needs the one that ends a block of PL/SQL. */
function ended(sql: string, isSplit: boolean, { shortName }: Dialect): string {
  const text = sql.trimEnd()
  return shortName === 'oracle' && !isSplit ? text : `${text.replace(/;$/, '')};`
}

/** The SQL of one change, as an update with it would run it. */
export async function statementsOf(
  change: Change,
  dialect: Dialect,
  quoting: ObjectQuotingStrategy,
): Promise<readonly string[]> {
  const { change: parsed, diagnostics } = parseChange(nodeOf(change), dialect.shortName)
  if (parsed === undefined) {
    // What we write ourselves can be read again, so this is a defect; it must not end as a missing object.
    throw new Fault('bug', `A generated ${change.name} cannot be read: ${diagnostics.map(formatDiagnostic).join('; ')}`)
  }
  const context = {
    dbms: dialect.shortName,
    files: memorySource({}),
    changelogPath: 'generated',
    expand: (text: string) => text,
  }
  const statements = await parsed.type.statements(parsed.attributes, context, parsed.span)
  return statements.flatMap((statement) => dialect.write(statement, quoting).map(({ sql }) => sql))
}
