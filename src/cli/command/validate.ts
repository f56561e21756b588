// `sluice validate`: find everything that would stop an update, without running it.
import type { Command } from 'commander'
import { validate } from '#engine/validate'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { isJson, withChangelog } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  command.action(async (flags: Record<string, unknown>) => {
    await withChangelog('validate', flags, terminal, async ({ context, settings }) => {
      const json = isJson(settings)
      const warnings = await validate(context, terminal.signal)
      terminal.out(json ? JSON.stringify({ valid: true, warnings }) : 'No validation errors found.')
    })
  })
}
