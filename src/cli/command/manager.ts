// `sluice manager`: the control plane alone; any number of equal replicas on PostgreSQL.
import type { Command } from 'commander'
import { createLog } from '../process/log.ts'
import { ensureAdministrator, startManagerProcess } from '../process/manager.ts'
import { addManagerOptions, type ManagerFlags, managerOptions } from '../process/option.ts'
import { stopOnSignals } from '../process/stop.ts'

export function configure(command: Command): void {
  addManagerOptions(command.description('Run the control plane; delegates connect to it')).action(manage)
}

async function manage(flags: ManagerFlags): Promise<void> {
  const log = createLog(process.env, false)
  const { signal, requested } = stopOnSignals(() => process.exit(130))
  const running = await startManagerProcess(managerOptions(flags, log), signal)
  const first = await ensureAdministrator(running.manager, process.env)
  console.log(`Sluice manager is ready at ${running.manager.url}`)
  if (first?.password)
    console.log(`Sign in as ${first.email} with password ${first.password} (shown only now; change it).`)
  await requested
  await running.close()
  process.exit(0)
}
