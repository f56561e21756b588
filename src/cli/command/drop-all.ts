// `sluice drop-all`: empties the schemas of a database.
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import { dropAll } from '#engine/drop-all'
import { addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { schemaNamesOf } from '../target/selection.ts'
import { withTarget } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addTargetFlags(command))
    .option('--schemas <names>', 'comma list of schemas to empty (default: the default schema)')
    .option('--force [yes]', 'drop everything, and the history; nothing happens without it')
  command.action(async (flags: Record<string, unknown>) => {
    await withTarget('drop-all', flags, terminal, async ({ target, settings, print, terminal: output }) => {
      const place = `${target.database.user}@${target.database.url}`
      if (!settings.isOn('force', false)) {
        throw new Fault('usage', `drop-all deletes every object and all data in ${place}, and needs --force=true.`, {
          hint: 'Give --force=true when this is what you want. Nothing was dropped.',
        })
      }
      const { objects } = await dropAll(target, schemaNamesOf(settings, target.database), undefined, output.signal)
      print({ dropped: objects }, `All objects dropped from ${place}`)
    })
  })
}
