// `sluice diff`: what differs between two databases.
import { type Command, Option } from 'commander'
import { diffOf } from '#engine/diff/diff'
import { diffText } from '#engine/diff/text'
import { addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { addSelectionFlags, selectionFrom } from '../target/selection.ts'
import { withSettings } from '../target/session.ts'
import { addReferenceFlags, readSide, refuseMixed } from '../target/side.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addSelectionFlags(addReferenceFlags(addTargetFlags(command)))).option(
    '--diff-types <types>',
    'kinds of objects, e.g. tables,columns,indexes',
  )
  // The original engine takes it here, too; a comparison writes nothing that it could name.
  command.addOption(new Option('--output-schemas <names>').hideHelp())
  command.action(async (flags: Record<string, unknown>) => {
    await withSettings('diff', flags, terminal, async (session) => {
      const selection = selectionFrom(session.settings, 'diff-types')
      const reference = await readSide('reference', session)
      const comparison = await readSide('comparison', session)
      refuseMixed(reference, comparison)
      const columnOrder = session.settings.isOn('diff-column-order', true)
      const diff = diffOf(reference, comparison, selection, { columnOrder })
      const data = {
        reference: reference.database,
        comparison: comparison.database,
        schemas: diff.scopes.map(({ pair }) => ({ reference: pair.referenceName, comparison: pair.comparison.name })),
        equal: diff.items.length === 0,
        differences: diff.items,
      }
      session.print(data, diffText(diff, selection.types))
    })
  })
}
