// `sluice snapshot-reference`: what is in the reference database.
import type { Command } from 'commander'
import { selected } from '#engine/snapshot/select'
import { snapshotPieces } from '#engine/snapshot/snapshot'
import { addGlobalFlags } from '../target/flag.ts'
import { addSelectionFlags, selectionFrom } from '../target/selection.ts'
import { withSettings } from '../target/session.ts'
import { addReferenceFlags, readWholeSide } from '../target/side.ts'
import type { Terminal } from '../terminal.ts'
import { documentOptions, formatOf } from './snapshot.ts'

export function configure(command: Command, terminal: Terminal): void {
  addSelectionFlags(addReferenceFlags(addGlobalFlags(command)))
    .option('--snapshot-format <form>', 'txt, json or yaml (default: txt)')
    .option('--format <form>', 'text or json; the same as --snapshot-format')
    .option('--snapshot-control <types>', 'kinds of objects to read, e.g. tables,columns')
  command.action(async (flags: Record<string, unknown>) => {
    await withSettings('snapshot-reference', flags, terminal, async (session) => {
      const { settings, terminal: output } = session
      const format = formatOf(settings)
      const selection = selectionFrom(settings, 'snapshot-control')
      const found = selected(await readWholeSide('reference', session), selection)
      const options = documentOptions(settings)
      for (const piece of snapshotPieces(found, selection, format, output.clock(), options)) output.out(piece)
    })
  })
}
