// `sluice validate`: find everything that would stop an update, without running it.
import type { Command } from 'commander'
import { validate } from '#engine/validate'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { withChangelog } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  command.action(async (flags: Record<string, unknown>) => {
    await withChangelog('validate', flags, terminal, async ({ context, print, terminal: { err, signal } }) => {
      const warnings = await validate(context, signal)
      print({ valid: true, warnings }, undefined)
      err('No validation errors found.')
    })
  })
}
