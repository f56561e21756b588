// `sluice store move`: the embedded store becomes a PostgreSQL store, with every row counted.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import { moveStore } from '#manager/store/move'
import { openStore, parseStoreLocation } from '#manager/store/open'
import { storeUrl } from '../process/option.ts'
import { stopOnSignals } from '../process/stop.ts'
import { migrateStore } from '../process/store-migration.ts'
import type { Terminal } from '../terminal.ts'

interface MoveFlags {
  readonly data: string
  readonly to: string
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Look after the metadata store')
    .command('move')
    .description('Copy the embedded store into an empty PostgreSQL database; the manager must be stopped')
    .requiredOption('--to <url>', 'postgresql://user@host:5432/name; password in SLUICE_STORE_PASSWORD')
    .option('--data <folder>', 'folder of the embedded store', '.sluice/data')
    .action((flags: MoveFlags) => move(flags, terminal))
}

async function move(flags: MoveFlags, terminal: Terminal): Promise<void> {
  const to = parseStoreLocation(storeUrl(flags.to, process.env['SLUICE_STORE_PASSWORD']) ?? '')
  if (to.kind !== 'postgresql') {
    throw new Fault('usage', '--to is not the address of a PostgreSQL database.', {
      hint: 'Use --to postgresql://user@host:5432/name',
    })
  }
  const { signal } = stopOnSignals(() => process.exit(130))
  const log = (line: string): void => terminal.err(line)
  const directory = join(resolve(flags.data), 'store')
  if (!existsSync(directory)) {
    throw new Fault('usage', `There is no embedded store in ${resolve(flags.data)}.`, {
      hint: 'Give the folder that the manager was started with: --data <folder>.',
    })
  }
  const migrate = migrateStore(log)
  const source = await openStore({ location: { kind: 'embedded', directory }, migrate, log }, signal)
  try {
    const target = await openStore({ location: to, migrate, log }, signal)
    try {
      const moved = await moveStore(source, target, signal)
      const width = Math.max(...moved.map(({ table }) => table.length))
      for (const { table, rows } of moved) terminal.out(`${table.padEnd(width)}  ${rows}`)
      const total = moved.reduce((sum, { rows }) => sum + rows, 0)
      terminal.out(`Both stores have these ${total} rows in ${moved.length} tables.`)
      terminal.out(`Start the manager with --store and the same --data ${flags.data}: the key of the secrets is there.`)
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}
