// `drop-all`: empties schemas, and forgets what ran.
import { createHash } from 'node:crypto'
import { type PlannedChangeSet, planDigestText } from '#contract/change-set'
import { readSnapshot } from '#database/snapshot/read'
import { definerFor } from '#database/snapshot/define'
import type { Definer } from '#database/snapshot/definer'
import { objectKey, type Schema, type Snapshot } from '#database/snapshot/model'
import type { TargetContext } from './context.ts'
import { checkDigest } from './digest.ts'
import { inOrder } from './generate/order.ts'
import { journalExists, journalTable } from './journal/table.ts'
import { underLock } from './lock/acquire.ts'
import { lockTable } from './lock/row.ts'
import { withoutHistory } from './snapshot/history-table.ts'

export interface Dropped {
  /** Each with its kind: `table orders`. */
  readonly objects: readonly string[]
}
/** What would be dropped, in order. */
export interface DropPlan {
  readonly drops: readonly Drop[]
  /** sha-256, hex, over the statements in order. */
  readonly digest: string
}
export interface Drop {
  /** With its kind: `table orders`. */
  readonly title: string
  readonly sql: string
}

/** So many in one transaction: each holds locks until its end, and the server has room for some thousands. */
const batch = 200

/** Changes nothing. The tables of the history go as well, after all of these. */
export async function planDropAll(
  target: TargetContext,
  schemaNames: readonly string[] | undefined,
  signal?: AbortSignal,
): Promise<DropPlan> {
  const { database, names } = target
  const snapshot = withoutHistory(await readSnapshot(database, schemaNames, signal), names)
  const drops = dropsOf(snapshot, definerFor(database.dialect.shortName), target)
  const digest = createHash('sha256').update(planDigestText(plannedDrops(drops)))
  return { drops, digest: digest.digest('hex') }
}

/** In the form of a plan: one change set, called as what Liquibase itself writes into the history. */
export const plannedDrops = (drops: readonly Drop[]): PlannedChangeSet => ({
  fileName: 'liquibase-internal',
  id: 'drop-all',
  author: 'sluice',
  direction: 'rollback',
  description: 'drop-all',
  statements: drops.map(({ sql }) => sql),
})

/**
 * Everything that Sluice knows of in the schemas: foreign keys, views, tables, sequences, routines, types; then both history
 * tables. Schemas stay, and so does what extensions brought. Faults: `plan-changed` unless the plan made under the lock has the
 * digest that was approved, `changelog-locked`, those of the statements; what was dropped before stays dropped.
 */
export async function dropAll(
  target: TargetContext,
  schemaNames: readonly string[] | undefined,
  approvedDigest?: string,
  signal?: AbortSignal,
): Promise<Dropped> {
  const { database, names } = target
  const dropped = await underLock(
    target,
    async () => {
      const plan = await planDropAll(target, schemaNames, signal)
      checkDigest(plan, approvedDigest)
      const { drops } = plan
      for (let start = 0; start < drops.length; start += batch)
        await run(target, drops.slice(start, start + batch), signal)
      if (await journalExists(target)) await database.session.execute(`DROP TABLE ${journalTable(target)}`, [], signal)
      if (await database.hasTable(names.schemaName, names.changelogTable)) {
        await database.session.execute(`DROP TABLE ${database.dialect.historyTable(names, 'changelog')}`, [], signal)
      }
      return drops.map(({ title }) => title)
    },
    signal,
  )
  // The lock is in this table, so it goes when nobody needs it any more.
  await database.session.execute(`DROP TABLE ${lockTable(target)}`, [], signal)
  return { objects: dropped }
}

async function run({ database, log }: TargetContext, drops: readonly Drop[], signal?: AbortSignal): Promise<void> {
  const { session, dialect } = database
  if (dialect.capability.transactionalDdl) await session.begin()
  try {
    for (const { title, sql } of drops) {
      log(`Dropping ${title}`)
      await session.execute(sql, [], signal)
    }
    if (dialect.capability.transactionalDdl) await session.commit()
  } catch (error) {
    await session.rollback()
    throw error
  }
}

function dropsOf(snapshot: Snapshot, definer: Definer, { database }: TargetContext): readonly Drop[] {
  const inAll = (list: (schema: Schema) => readonly Drop[]): readonly Drop[] => snapshot.schemas.flatMap(list)
  return [
    ...(definer.alterConstraints ? inAll((schema) => foreignKeyDrops(schema, database.dialect.write)) : []),
    ...viewDrops(snapshot, definer),
    ...inAll(({ name, tables }) =>
      tables
        .filter(({ options }) => !options.includes('FOREIGN'))
        .map((table) => ({ title: `table ${table.name}`, sql: definer.dropTable(table.name, name) })),
    ),
    ...inAll(({ name, sequences }) =>
      sequences.map((one) => ({ title: `sequence ${one.name}`, sql: definer.dropSequence(one.name, name) })),
    ),
    ...inAll(({ name, routines }) =>
      routines.map((one) => ({ title: `${one.kind} ${one.name}`, sql: definer.dropRoutine(one, name) })),
    ),
    ...inAll(({ name, types }) =>
      types.map((one) => ({ title: `type ${one.name}`, sql: definer.dropType(one, name) })),
    ),
  ]
}

/** What stands on another view goes before it: not every database takes it along. */
function viewDrops({ schemas, dependencies }: Snapshot, definer: Definer): readonly Drop[] {
  const units = schemas.flatMap(({ name, views }) =>
    views.map((view) => {
      const key = objectKey('view', name, view.name)
      const needs = dependencies.filter(({ from }) => from === key).map(({ on }) => on)
      return { key, needs, title: `view ${view.name}`, sql: definer.dropView(view, name) }
    }),
  )
  return inOrder(units)
    .map(({ title, sql }) => ({ title, sql }))
    .toReversed()
}

type Write = TargetContext['database']['dialect']['write']

function foreignKeyDrops({ name: schemaName, tables }: Schema, write: Write): readonly Drop[] {
  return tables.flatMap(({ name: tableName, foreignKeys }) =>
    foreignKeys.flatMap(({ name }) => {
      if (name === undefined) return []
      const table = { catalogName: undefined, schemaName, tableName }
      const texts = write({ type: 'drop-foreign-key', table, name }, 'QUOTE_ALL_OBJECTS')
      return texts.map(({ sql }) => ({ title: `foreign key ${name}`, sql }))
    }),
  )
}
