// `sluice list-locks` and `release-locks`: who holds the changelog, and letting go of it by hand.
import type { Command } from 'commander'
import { listLocks, type Lock, releaseLocks } from '#engine/locks'
import { addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { isJson, withTarget } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addTargetFlags(command))
  const name = command.name()
  command.action(async (flags: Record<string, unknown>) => {
    await withTarget(name, flags, terminal, async ({ target, settings }) => {
      const json = isJson(settings)
      const release = name === 'release-locks'
      const locks = await (release ? releaseLocks : listLocks)(target, terminal.signal)
      if (json) {
        terminal.out(JSON.stringify(locks))
        return
      }
      const place = `${target.database.user}@${target.database.url}`
      const lines = locks.length === 0 ? [' - No locks'] : locks.map(line)
      if (release) terminal.out(`Successfully released all database change log locks for ${place}`)
      else terminal.out([`Database change log locks for ${place}`, ...lines].join('\n'))
    })
  })
}

function line(lock: Lock): string {
  return ` - ${lock.holder} at ${lock.since}${lock.ours ? ' (a run of Sluice; the next one notices when it is dead)' : ''}`
}
