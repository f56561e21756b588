// `sluice changelog-sync`, `changelog-sync-to-tag` and `mark-next-changeset-ran`: record change sets as ran without running them.
import type { Command } from 'commander'
import { changeSetFqn } from '#contract/change-set'
import { changelogSync } from '#engine/changelog-sync'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { withChangelog } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'
import { addLimitFlag, approvedPlan, limitFlags, optionsOf } from './update.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  addLimitFlag(command)
  command.option('--plan <digest>', 'record only if the plan has this digest')
  const name = command.name()
  command.action(async (value: unknown, more: unknown) => {
    const flags = limitFlags(name, value, more)
    await withChangelog(name, flags, terminal, async ({ context, settings, print, terminal: { err, signal } }) => {
      const limit = name === 'mark-next-changeset-ran' ? { count: 1 } : optionsOf(name, settings)
      const { steps, digest } = await changelogSync(context, { ...limit, ...approvedPlan(settings) }, signal)
      const recorded = steps.map(({ changeSet }) => changeSetFqn({ ...changeSet, fileName: changeSet.path }))
      print({ recorded, digest }, undefined)
      err(`Recorded ${recorded.length === 1 ? '1 changeset' : `${recorded.length} changesets`} as ran.`)
    })
  })
}
