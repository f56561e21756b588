// `db-doc`: what is in a database and how it came to be, as pages for people.
import type { ChangelogNode } from '#changelog/node'
import { readSnapshot } from '#database/snapshot/read'
import { descriptionOf, parseChangeSet } from '../change-set/parse.ts'
import type { EngineContext } from '../context.ts'
import { readHistory } from '../history/table.ts'
import { planUpdateFrom } from '../plan-update.ts'
import { withoutHistory } from '../snapshot/history-table.ts'
import type { DocumentedChangeSet, Documentation } from './page.ts'

/** So many of those that ran last. */
const recentCount = 50

/** Changes nothing. Faults: those of `planUpdate`. */
export async function documentation(
  context: EngineContext,
  schemaNames: readonly string[] | undefined,
  signal?: AbortSignal,
): Promise<Documentation> {
  const { database, changelog, names, clock } = context
  const history = await readHistory(context, signal)
  const { steps } = await planUpdateFrom(context, history, {}, signal)
  const sqlOf = new Map(steps.map((step) => [step.changeSet, step.statements.map(({ sql }) => sql)]))
  const changeSets = changelog.changeSets.map((changeSet): DocumentedChangeSet & { readonly order: number } => {
    const row = history.find(changeSet)
    const parsed = parseChangeSet(context, changeSet)
    const touches = new Set<string>()
    for (const { node } of parsed.changes) collect(node, touches)
    return {
      changeSet,
      description: descriptionOf(parsed),
      ran: row && `${row.execType} ${row.dateExecuted.replace('T', ' ').slice(0, 19)}`,
      touches,
      sql: sqlOf.get(changeSet) ?? [],
      order: row?.orderExecuted ?? 0,
    }
  })
  const ran = changeSets.filter((one) => one.ran !== undefined).toSorted((a, b) => b.order - a.order)
  return {
    snapshot: withoutHistory(await readSnapshot(database, schemaNames, signal), names),
    changeSets,
    recent: ran.slice(0, recentCount),
    changelogFile: changelog.file,
    place: `${database.user}@${database.url}`,
    generated: new Date(clock()).toISOString().slice(0, 16).replace('T', ' '),
  }
}

const tableAttributes = /^(?:(?:base|referenced|new|old|existing)?tableName|viewName|(?:new|old)?TableName)$/i
const columnAttributes = /^(?:(?:base|referenced|old|new)?columnNames?|name)$/i

/** Names of tables and columns that a change names, at any depth. */
function collect(node: ChangelogNode, touches: Set<string>): void {
  const tables: string[] = []
  const columns: string[] = []
  const visit = (one: ChangelogNode): void => {
    const value = one.value?.toLowerCase()
    if (value !== undefined && tableAttributes.test(one.name)) tables.push(value)
    if (value !== undefined && columnAttributes.test(one.name))
      columns.push(...value.split(',').map((name) => name.trim()))
    for (const child of one.children) visit(child)
  }
  visit(node)
  for (const table of tables) {
    touches.add(table)
    for (const column of columns) touches.add(`${table}.${column}`)
  }
}
