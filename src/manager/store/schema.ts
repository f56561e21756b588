// Which schema a store has and who may work on it: a program does not touch tables that a newer one has changed.
import { Fault } from '#contract/fault'
import type { MigrationSession } from './migration.ts'

export interface StoreSchema {
  /** Raised by one in each release whose changelog has files that the release before it has not. */
  readonly number: number
  /** The lowest number of a program that still works on this schema: `number - 1` unless the release notes say otherwise. */
  readonly oldest: number
}

export const storeSchema: StoreSchema = { number: 1, oldest: 1 }

export interface Program {
  readonly schema: StoreSchema
  /** Of the program, for people. */
  readonly version: string
  /** Names of the files of its changelog. */
  readonly files: readonly string[]
}

interface Found {
  readonly files: readonly string[]
  readonly row: (StoreSchema & { readonly version: string }) | undefined
}

/**
 * Runs `apply` and writes down whose schema it is. A store that a newer program has migrated is left as it is: one version ahead
 * it is used when the newer one allows it, else Fault `store-newer`. Runs while no other replica migrates.
 */
export async function migrateSchema(
  session: MigrationSession,
  program: Program,
  log: (line: string) => void,
  apply: () => Promise<void>,
): Promise<void> {
  const { schema, version } = program
  const found = await read(session)
  const unknown = found.files.filter((file) => !program.files.includes(file))
  if (unknown.length === 0 && (found.row?.number ?? 0) <= schema.number) {
    await apply()
    await write(session, program, found.row)
    return
  }
  const missing = program.files.filter((file) => !found.files.includes(file))
  const { row } = found
  if (row?.number !== schema.number + 1 || row.oldest > schema.number || missing.length > 0)
    throw refusal(program, row, [...unknown, ...missing])
  log(
    `The metadata store was migrated by Sluice ${row.version}, which lets Sluice ${version} work on it until it is replaced.`,
  )
}

async function read(session: MigrationSession): Promise<Found> {
  const { rows: tables } = await session.execute(
    `select to_regclass('databasechangelog') is not null as history, to_regclass('store_schema') is not null as schema`,
  )
  if (tables[0]?.['history'] !== true) return { files: [], row: undefined }
  const { rows: files } = await session.execute('select distinct filename from databasechangelog')
  const { rows } =
    tables[0]['schema'] === true
      ? await session.execute('select number, oldest, version from store_schema')
      : { rows: [] }
  const row = rows[0]
  return {
    files: files.map(({ filename }) => String(filename)),
    row: row && { number: Number(row['number']), oldest: Number(row['oldest']), version: String(row['version']) },
  }
}

async function write(session: MigrationSession, { schema, version }: Program, row: Found['row']): Promise<void> {
  if (row?.number === schema.number && row.oldest === schema.oldest && row.version === version) return
  await session.execute(
    `insert into store_schema (number, oldest, version) values ($1, $2, $3)
      on conflict (only_one) do update set number = $1, oldest = $2, version = $3`,
    [schema.number, schema.oldest, version],
  )
}

function refusal({ schema, version }: Program, row: Found['row'], files: readonly string[]): Fault {
  const maker = row === undefined ? 'a program that did not say which' : `Sluice ${row.version} (schema ${row.number})`
  const difference = files.length === 0 ? '' : ` Different are: ${files.slice(0, 5).join(', ')}.`
  return new Fault(
    'store-newer',
    `The metadata store was last migrated by ${maker}; this is Sluice ${version} (schema ${schema.number}), ` +
      `which may not work on it. Nothing was changed.${difference}`,
    {
      hint:
        `Start ${row === undefined ? 'that program' : `Sluice ${row.version}`} or a newer one, ` +
        'or restore the backup that was made before the upgrade (docs/operate/backup.md).',
    },
  )
}
