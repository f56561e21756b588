// `sluice changelog-sync`: record change sets as ran without running them.
import type { Command } from 'commander'
import { changelogSync } from '#engine/changelog-sync'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { isJson, withChangelog } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  const name = command.name()
  if (name === 'changelog-sync-to-tag') command.option('--tag <name>', 'tag to go up to, including its change set')
  command.action(async (flags: Record<string, unknown>) => {
    await withChangelog(name, flags, terminal, async ({ context, settings }) => {
      const json = isJson(settings)
      const options = name === 'changelog-sync-to-tag' ? { toTag: settings.require('tag') } : {}
      const { steps } = await changelogSync(context, options, terminal.signal)
      terminal.out(json ? JSON.stringify({ recorded: steps.length }) : `Recorded ${steps.length} changesets as ran.`)
    })
  })
}
