// `sluice list-locks` and `release-locks`: who holds the changelog, and letting go of it by hand.
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import { clearDeadLock } from '#engine/lock/acquire'
import { listLocks, type Lock, releaseLocks } from '#engine/locks'
import { addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { type TargetSession, withTarget } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addTargetFlags(command))
  const name = command.name()
  if (name === 'release-locks') {
    command.option('--only-dead', 'only a lock of a run of Sluice that is dead, or dies within --lock-wait')
  }
  command.action(async (flags: Record<string, unknown>) => {
    await withTarget(name, flags, terminal, name === 'release-locks' ? release : list)
  })
}

async function list({ target, print, terminal }: TargetSession): Promise<void> {
  const locks = await listLocks(target, terminal.signal)
  const place = `${target.database.user}@${target.database.url}`
  const lines = locks.length === 0 ? [' - No locks'] : locks.map(line)
  print(locks, [`Database change log locks for ${place}`, ...lines].join('\n'))
}

async function release(session: TargetSession): Promise<void> {
  const { target, print, terminal, settings } = session
  if (settings.isOn('only-dead', false)) {
    await releaseDead(session)
    return
  }
  const locks = await releaseLocks(target, terminal.signal)
  print(locks, undefined)
  const place = `'${target.database.user}@${target.database.url}'`
  terminal.err(`Successfully released all database change log locks for ${place}`)
}

/** Fault `changelog-locked` when a lock stays. Waits only when it is told for how long. */
async function releaseDead({ target, print, terminal, settings }: TargetSession): Promise<void> {
  const before = await listLocks(target, terminal.signal)
  const patience = settings.get('lock-wait') === undefined ? 0 : target.lockWait.patience
  await clearDeadLock(target, terminal.signal, patience)
  const after = await listLocks(target, terminal.signal)
  print(
    before.filter(({ holder, since }) => !after.some((lock) => lock.holder === holder && lock.since === since)),
    undefined,
  )
  const [lock] = after
  if (lock) throw new Fault('changelog-locked', `Not released, because its holder may be alive:${line(lock)}`)
}

function line(lock: Lock): string {
  return ` - ${lock.holder} at ${lock.since}${lock.ours ? ' (a run of Sluice; the next one notices when it is dead)' : ''}`
}
