// `sluice status`: which change sets have not been applied.
import type { Command } from 'commander'
import { changeSetFqn } from '#contract/change-set'
import { status } from '#engine/status'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { isJson, withChangelog } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  command.option('--verbose [yes]', 'list the change sets (default: true)')
  command.action(async (flags: Record<string, unknown>) => {
    await withChangelog('status', flags, terminal, async ({ context, settings }) => {
      const json = isJson(settings)
      const { pending, filtered, alreadyRan } = await status(context, terminal.signal)
      const names = pending.map((changeSet) => changeSetFqn({ ...changeSet, fileName: changeSet.path }))
      if (json) {
        const left = filtered.map(({ changeSet, reason }) => ({
          changeSet: changeSetFqn({ ...changeSet, fileName: changeSet.path }),
          reason,
        }))
        terminal.out(JSON.stringify({ pending: names, alreadyRan, filtered: left }))
        return
      }
      const place = `${context.database.user}@${context.database.url}`
      if (names.length === 0) terminal.out(`${place} is up to date`)
      else {
        const subject = names.length === 1 ? '1 changeset has' : `${names.length} changesets have`
        const lines = settings.get('verbose') === 'false' ? [] : names.map((name) => `     ${name}`)
        terminal.out([`${subject} not been applied to ${place}`, ...lines].join('\n'))
      }
    })
  })
}
