// The rows of tables: the changes that put them back, as files for loadData or as insert changes, and how far counters have come.
import { Fault } from '#contract/fault'
import type { Database } from '#database/port'
import { readCounters } from '#database/snapshot/counter'
import { definerFor } from '#database/snapshot/define'
import type { Snapshot, Table } from '#database/snapshot/model'
import type { Counter } from '#database/snapshot/reader'
import { type Change, sqlChange } from './change.ts'
import { type DataFiles, fileOfTable } from './data-file.ts'
import { insertsOfTable } from './data-insert.ts'
import { rowsOf } from './data-rows.ts'
import { canBeMade } from './schema.ts'

export interface DataOptions {
  /** Where rows go as CSV; without, each row is an insert change. */
  readonly files: DataFiles | undefined
  /** `schemaName` as changes write it, if they are to write one. */
  readonly schemaOf: (schemaName: string | undefined) => string | undefined
  /** Sequences that stand alone are set, too. */
  readonly sequences: boolean
}

/**
 * A change set for every table that has rows, in the order of names, and one for each sequence that stands alone. Values that the
 * database computes are left out. Faults: those of the statements, `conflict` for a text that would become NULL, `too-large`.
 */
export async function dataChanges(
  database: Database,
  snapshot: Snapshot,
  options: DataOptions,
  signal?: AbortSignal,
): Promise<readonly (readonly Change[])[]> {
  const { shortName } = database.dialect
  const { sameRowsThroughout, pages } = definerFor(shortName)
  if (!pages) throw new Fault('not-offered', `Rows of ${database.productName} cannot be taken into a changelog yet.`)
  const filled: {
    readonly schemaName: string | undefined
    readonly table: Table
    readonly changes: readonly Change[]
  }[] = []
  const sink = options.files ? fileOfTable(options.files) : insertsOfTable()
  await database.session.begin()
  try {
    if (sameRowsThroughout !== undefined) await database.session.execute(sameRowsThroughout, [], signal)
    for (const schema of snapshot.schemas) {
      for (const table of schema.tables.filter(canBeMade)) {
        // Rows of a part are read with the whole.
        if (table.partition?.of !== undefined) continue
        const changes = await sink(rowsOf(database, schema.name, table, options.schemaOf, signal))
        if (changes !== undefined) filled.push({ schemaName: schema.name, table, changes })
      }
    }
    const names = snapshot.schemas.flatMap(({ name }) => name ?? [])
    const counters = await readCounters(database, names, signal)
    return [
      ...filled.map(({ schemaName, table, changes }) => {
        const own = counters.filter((one) => one.schemaName === schemaName && one.tableName === table.name)
        return [...withFreeIdentity(changes, schemaName, table, shortName, options), ...own.map(changeOf(options))]
      }),
      ...counters
        .filter((one) => options.sequences && standsAlone(one, snapshot))
        .map((one) => [changeOf(options)(one)]),
    ]
  } finally {
    await database.session.rollback()
  }
}

const changeOf =
  ({ schemaOf }: DataOptions) =>
  (counter: Counter): Change =>
    sqlChange(counter.statement(schemaOf(counter.schemaName)))

const standsAlone = ({ schemaName, tableName, sequenceName }: Counter, { schemas }: Snapshot): boolean =>
  tableName === undefined &&
  schemas.some((schema) => schema.name === schemaName && schema.sequences.some(({ name }) => name === sequenceName))

/** A column that always counts itself takes no values: while rows come back it only does so by default. */
function withFreeIdentity(
  changes: readonly Change[],
  schemaName: string | undefined,
  table: Table,
  shortName: string,
  { schemaOf }: DataOptions,
): readonly Change[] {
  const { setGeneration } = definerFor(shortName)
  const always = table.columns.filter(({ autoIncrement }) => autoIncrement?.generation === 'ALWAYS')
  if (setGeneration === undefined || always.length === 0) return changes
  const set = (generation: 'ALWAYS' | 'BY DEFAULT') =>
    always.map(({ name }) => sqlChange(setGeneration(table.name, name, generation, schemaOf(schemaName))))
  return [...set('BY DEFAULT'), ...changes, ...set('ALWAYS')]
}
