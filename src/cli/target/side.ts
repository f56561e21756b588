// The two sides of a comparison: each a live database, or a snapshot in a file (`offline:postgresql?snapshot=shop.json`).
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import { openDatabase } from '#database/open'
import type { Snapshot } from '#database/snapshot/model'
import { withoutHistory } from '#engine/snapshot/history-table'
import { readSnapshot } from '#database/snapshot/read'
import type { CommandSession } from './command-session.ts'
import { schemaNamesOf } from './selection.ts'
import type { Settings } from './setting.ts'

export function addReferenceFlags(command: Command): Command {
  return command
    .option('--reference-url <jdbc url>', 'the database to be like, or offline:postgresql?snapshot=<file>')
    .option('--reference-username <name>', 'its user')
    .option('--reference-password <text>', 'its password; better: --reference-password-file')
    .option('--reference-password-file <file>', 'file that holds the password')
    .option('--reference-default-schema-name <name>', 'its default schema')
    .option('--reference-schemas <names>', 'its schemas, in the order of --schemas')
}

/** Names of the settings of each side. */
const sides = {
  comparison: {
    url: 'url',
    username: 'username',
    password: 'password',
    passwordFile: 'password-file',
    passwordVariable: 'SLUICE_PASSWORD',
    schema: 'default-schema-name',
    schemas: 'schemas',
  },
  reference: {
    url: 'reference-url',
    username: 'reference-username',
    password: 'reference-password',
    passwordFile: 'reference-password-file',
    passwordVariable: 'SLUICE_REFERENCE_PASSWORD',
    schema: 'reference-default-schema-name',
    schemas: 'reference-schemas',
  },
} as const
export type Side = keyof typeof sides

/** Without the history tables. The connection is closed again. */
export async function readSide(side: Side, { settings, terminal }: CommandSession): Promise<Snapshot> {
  const names = {
    schemaName: settings.get('liquibase-schema-name'),
    changelogTable: settings.get('database-changelog-table-name') ?? 'DATABASECHANGELOG',
    lockTable: settings.get('database-changelog-lock-table-name') ?? 'DATABASECHANGELOGLOCK',
  }
  return withoutHistory(await readWholeSide(side, { settings, terminal }), names)
}

/** With the history tables. */
export async function readWholeSide(
  side: Side,
  { settings, terminal }: Pick<CommandSession, 'settings' | 'terminal'>,
): Promise<Snapshot> {
  const url = settings.require(sides[side].url)
  const database = await openDatabase(
    {
      url,
      username: settings.get(sides[side].username),
      password: await passwordOf(side, settings, terminal),
      defaultSchemaName: settings.get(sides[side].schema),
      folder: terminal.folder,
      absent: 'refuse',
    },
    terminal.signal,
  )
  try {
    const schemas = schemaNamesOf(settings, database, sides[side].schemas)
    return await readSnapshot(database, schemas ?? schemaNamesOf(settings, database), terminal.signal)
  } finally {
    await database.close()
  }
}

async function passwordOf(
  side: Side,
  settings: Settings,
  terminal: CommandSession['terminal'],
): Promise<string | undefined> {
  const { password, passwordFile, passwordVariable } = sides[side]
  const file = settings.get(passwordFile)
  if (file === undefined) return settings.get(password) ?? terminal.environment[passwordVariable]
  try {
    return (await readFile(resolve(terminal.folder, file), 'utf8')).replace(/\r?\n$/, '')
  } catch (cause) {
    throw new Fault('usage', `The password file ${file} cannot be read.`, { hint: `Check --${passwordFile}.`, cause })
  }
}

/** Fault `usage` when the two are of different kinds, where it makes a difference. */
export function refuseMixed(reference: Snapshot, comparison: Snapshot): void {
  const [one, other] = [reference.database, comparison.database]
  if (one.shortName === other.shortName) return
  throw new Fault('not-offered', `A ${one.productName} database cannot be compared with one of ${other.productName}.`, {
    hint: 'Give two databases of the same kind.',
  })
}
