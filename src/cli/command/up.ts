// `sluice up`: manager, delegate and embedded store in one process.
import type { Command } from 'commander'
import { createLog } from '../process/log.ts'
import type { Users } from '#manager/main'
import { announce, ensureAdministrator, type FirstAdministrator } from '../process/manager.ts'
import { addManagerOptions, type ManagerFlags, managerOptions } from '../process/option.ts'
import { stopOnSignals } from '../process/stop.ts'
import { startUp } from '../process/up.ts'

export function configure(command: Command): void {
  addManagerOptions(
    command.description(
      'Run manager and delegate in one process, with an embedded store unless --store names a server',
    ),
  )
    .option('--capacity <n>', 'steps that may run at the same time', '4')
    .action(up)
}

async function up(flags: ManagerFlags & { readonly capacity: string }): Promise<void> {
  const log = createLog(process.env, false)
  const { signal, requested } = stopOnSignals(() => process.exit(130))
  let first: FirstAdministrator | undefined
  const prepare = async (users: Users): Promise<void> => {
    first = await ensureAdministrator(users, process.env)
  }
  const running = await startUp({ ...managerOptions(flags, log), prepare, capacity: Number(flags.capacity) }, signal)
  console.log(`Sluice is ready at ${running.process.manager.url}`)
  announce(first)
  await requested
  console.log('Stopping; waiting for running steps. Press Ctrl-C again to stop at once: they go on by themselves.')
  const left = await running.close()
  if (left.length > 0) console.log(`${left.length} steps go on and report when the manager is back.`)
  process.exit(0)
}
