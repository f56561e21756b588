// `sluice status`: which change sets have not been applied.
import type { Command } from 'commander'
import { changeSetFqn } from '#contract/change-set'
import { status } from '#engine/status'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { withChangelog } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'
import { filteredOf } from './update.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  command.option('--verbose [yes]', 'list the change sets (default: true)')
  command.action(async (flags: Record<string, unknown>) => {
    await withChangelog('status', flags, terminal, async ({ context, settings, print, terminal: { signal } }) => {
      const verbose = settings.isOn('verbose', true)
      const { pending, filtered, alreadyRan } = await status(context, signal)
      const names = pending.map((changeSet) => changeSetFqn({ ...changeSet, fileName: changeSet.path }))
      const place = `${context.database.user}@${context.database.url}`
      const data = { pending: names, alreadyRan, filtered: filteredOf({ filtered }) }
      print(data, names.length === 0 ? `${place} is up to date` : pendingText(names, place, verbose))
    })
  })
}

function pendingText(names: readonly string[], place: string, verbose: boolean): string {
  const subject = names.length === 1 ? '1 changeset has' : `${names.length} changesets have`
  const lines = verbose ? names.map((name) => `     ${name}`) : []
  return [`${subject} not been applied to ${place}`, ...lines].join('\n')
}
