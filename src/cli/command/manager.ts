// `sluice manager`: the control plane alone; any number of equal replicas on PostgreSQL.
import type { Command } from 'commander'
import { createLog } from '../process/log.ts'
import type { Users } from '#manager/main'
import { announce, ensureAdministrator, type FirstAdministrator, startManagerProcess } from '../process/manager.ts'
import { addManagerOptions, type ManagerFlags, managerOptions } from '../process/option.ts'
import { stopOnSignals } from '../process/stop.ts'

export function configure(command: Command): void {
  addManagerOptions(command.description('Run the control plane; delegates connect to it')).action(manage)
}

async function manage(flags: ManagerFlags): Promise<void> {
  const log = createLog(process.env, false)
  const { signal, requested } = stopOnSignals(() => process.exit(130))
  let first: FirstAdministrator | undefined
  const prepare = async (users: Users): Promise<void> => {
    first = await ensureAdministrator(users, process.env)
  }
  const running = await startManagerProcess({ ...managerOptions(flags, log), prepare }, signal)
  console.log(`Sluice manager is ready at ${running.manager.url}`)
  announce(first)
  await requested
  await running.close()
  process.exit(0)
}
