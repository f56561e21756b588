// Copies a whole store into an empty one: from the embedded database to PostgreSQL when one process is no longer enough.
// Values travel as text, so that nothing is rounded on the way; everything happens in one transaction of the target.
import { sql } from 'kysely'
import { Fault } from '#contract/fault'
import type { Executor, Store, StoreTransaction } from './port.ts'

export interface MovedTable {
  readonly table: string
  readonly rows: number
}

interface Column {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly identity: boolean
}

/** Rows of one statement; plans are large, log rows are up to 64 KiB. */
const pageRows = 100
/** Tables that have a row in a new store already; it is replaced by that of the source. */
const writtenByMigration: readonly string[] = ['account', 'store_schema']
const smallPages: Readonly<Record<string, number>> = { plan: 1, attempt: 20, log_chunk: 20 }

/**
 * Copies every row. Both stores are migrated and nobody else writes to either: the source is held by its lock, the target is
 * empty. Raises `conflict` when the target holds anything or has other columns; then and on any other error nothing has changed.
 */
export async function moveStore(source: Store, target: Store, signal: AbortSignal): Promise<readonly MovedTable[]> {
  return source.transaction((from) =>
    target.transaction(async (to) => {
      const columns = await readColumns(from)
      await checkTarget(to, columns)
      const moved: MovedTable[] = []
      for (const table of await tablesByDependency(to)) {
        signal.throwIfAborted()
        const own = columns.filter((column) => column.table === table)
        moved.push({ table, rows: await copyTable(from, to, table, own, signal) })
      }
      return moved
    }),
  )
}

async function readColumns(db: Executor): Promise<readonly Column[]> {
  const { rows } = await sql<Column>`
    select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attidentity <> '' as identity
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname not like 'databasechangelog%'
    order by c.relname, a.attnum`.execute(db)
  return rows
}

async function checkTarget(to: StoreTransaction, expected: readonly Column[]): Promise<void> {
  const actual = await readColumns(to)
  const describe = (columns: readonly Column[]): string =>
    columns
      .map(({ table, name, type }) => `${table}.${name} ${type}`)
      .toSorted()
      .join('\n')
  if (describe(actual) !== describe(expected)) {
    throw new Fault('conflict', 'The two stores have different tables.', {
      hint: 'Open both with the same version of Sluice first.',
    })
  }
  for (const table of new Set(actual.map((column) => column.table))) {
    if (writtenByMigration.includes(table)) continue
    if ((await countRows(to, table)) > 0) {
      throw new Fault('conflict', `The target is not empty: the table ${table} has rows.`, {
        hint: 'Give the address of an empty database.',
      })
    }
  }
  for (const table of writtenByMigration) await sql`delete from ${sql.table(table)}`.execute(to)
}

async function countRows(db: Executor, table: string): Promise<number> {
  const { rows } = await sql<{ n: string }>`select count(*) as n from ${sql.table(table)}`.execute(db)
  return Number(rows[0]?.n)
}

/** Every table after those that it refers to. */
async function tablesByDependency(db: Executor): Promise<readonly string[]> {
  const all = [...new Set((await readColumns(db)).map((column) => column.table))]
  const { rows: references } = await sql<{ table: string; on: string }>`
    select conrelid::regclass::text as table, confrelid::regclass::text as on from pg_constraint
    where contype = 'f' and conrelid <> confrelid and connamespace = 'public'::regnamespace`.execute(db)
  const ordered: string[] = []
  const visit = (table: string): void => {
    if (ordered.includes(table)) return
    for (const reference of references) if (reference.table === table) visit(reference.on)
    ordered.push(table)
  }
  for (const table of all) visit(table)
  return ordered
}

async function copyTable(
  from: StoreTransaction,
  to: StoreTransaction,
  table: string,
  columns: readonly Column[],
  signal: AbortSignal,
): Promise<number> {
  const cursor = sql.id(`move_${table}`)
  const texts = sql.join(columns.map(({ name }) => sql`${sql.id(name)}::text as ${sql.id(name)}`))
  await sql`declare ${cursor} no scroll cursor for select ${texts} from ${sql.table(table)}`.execute(from)
  const page = sql.lit(smallPages[table] ?? pageRows)
  for (;;) {
    signal.throwIfAborted()
    const { rows } = await sql<Record<string, string | null>>`fetch ${page} from ${cursor}`.execute(from)
    if (rows.length === 0) break
    await insertRows(to, table, columns, rows)
  }
  await sql`close ${cursor}`.execute(from)
  for (const { name, identity } of columns) if (identity) await setSequence(to, table, name)
  const [expected, actual] = [await countRows(from, table), await countRows(to, table)]
  if (expected !== actual) throw new Error(`${table} has ${expected} rows, ${actual} arrived.`)
  return actual
}

async function insertRows(
  to: StoreTransaction,
  table: string,
  columns: readonly Column[],
  rows: readonly Readonly<Record<string, string | null>>[],
): Promise<void> {
  const tuples = rows.map((row) => {
    const values = columns.map(({ name, type }) => sql`${row[name] ?? null}::text::${sql.raw(type)}`)
    return sql`(${sql.join(values)})`
  })
  const names = sql.join(columns.map(({ name }) => sql.id(name)))
  await sql`insert into ${sql.table(table)} (${names}) overriding system value values ${sql.join(tuples)}`.execute(to)
}

/** The next row gets an id after those that came along. */
async function setSequence(to: StoreTransaction, table: string, column: string): Promise<void> {
  const name = sql.id(column)
  await sql`select setval(pg_get_serial_sequence(${table}, ${column}), coalesce(max(${name}), 1), max(${name}) is not null)
    from ${sql.table(table)}`.execute(to)
}
