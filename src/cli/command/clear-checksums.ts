// `sluice clear-checksums`: what the change sets are now counts as what ran.
import type { Command } from 'commander'
import { clearChecksums } from '#engine/clear-checksums'
import { addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { withTarget } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addTargetFlags(command))
  command.action(async (flags: Record<string, unknown>) => {
    await withTarget('clear-checksums', flags, terminal, async ({ target, print, terminal: { err, signal } }) => {
      const cleared = await clearChecksums(target, signal)
      print({ cleared }, undefined)
      err(`Cleared ${cleared} checksums; the next update stores those of the change sets as they are then.`)
    })
  })
}
