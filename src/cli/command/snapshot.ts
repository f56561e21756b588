// `sluice snapshot`: what is in a database, as text, JSON or YAML.
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import { snapshot, snapshotPieces, type SnapshotFormat } from '#engine/snapshot/snapshot'
import { addTargetFlags } from '../target/flag.ts'
import { addSelectionFlags, schemaNamesOf, selectionFrom } from '../target/selection.ts'
import { withTarget } from '../target/session.ts'
import type { Settings } from '../target/setting.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addSelectionFlags(addTargetFlags(command))
    .option('--snapshot-format <form>', 'txt, json or yaml (default: txt)')
    .option('--format <form>', 'text or json; the same as --snapshot-format')
    .option('--snapshot-control <types>', 'kinds of objects to read, e.g. tables,columns')
  command.action(async (flags: Record<string, unknown>) => {
    await withTarget('snapshot', flags, terminal, async ({ target, settings, terminal: { out, signal, clock } }) => {
      const format = formatOf(settings)
      const selection = selectionFrom(settings, 'snapshot-control')
      const found = await snapshot(target, { schemaNames: schemaNamesOf(settings, target.database), selection }, signal)
      for (const piece of snapshotPieces(found, selection, format, clock(), documentOptions(settings))) out(piece)
    })
  })
}

export const documentOptions = (settings: Settings) => ({
  computedRelations: settings.isOn('include-relations-for-computed-columns', false),
})

export function formatOf(settings: Settings): SnapshotFormat {
  const format = (settings.get('snapshot-format') ?? settings.get('format') ?? 'txt').toLowerCase()
  if (format === 'txt' || format === 'text') return 'txt'
  if (format === 'json' || format === 'yaml') return format
  if (format === 'yml') return 'yaml'
  throw new Fault('usage', `--snapshot-format ${format} is not known.`, { hint: 'Use txt, json or yaml.' })
}
