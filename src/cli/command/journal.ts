// `sluice journal`: what interrupted change sets left behind, and a person's word on it.
import { type Command, Option } from 'commander'
import { changeSetFqn } from '#contract/change-set'
import { type JournalRow, listJournal, type Resolution, resolveJournal } from '#engine/journal'
import { formatTable } from '../output/table.ts'
import { addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { parseIdentity } from '../target/identity.ts'
import { withTarget } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

const head = ['Change set', 'Direction', 'Statement', 'State', 'Began', 'Error']

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addTargetFlags(command))
  command
    .option('--change-set <file::id::author>', 'the change set that --resolve is about')
    .addOption(
      new Option(
        '--resolve <how>',
        'its open statement took effect (done), did not (not-done), or run all of it anew (restart)',
      ).choices(['done', 'not-done', 'restart']),
    )
  command.action(async (flags: Record<string, unknown>) => {
    await withTarget('journal', flags, terminal, async ({ target, settings, print, terminal: { signal } }) => {
      const resolution = settings.get('resolve') as Resolution | undefined
      if (resolution !== undefined) {
        const identity = parseIdentity(settings.require('change-set'))
        const settled = await resolveJournal(target, identity, resolution, signal)
        print({ settled }, `Settled ${settled} statements of ${changeSetFqn(identity)}.`)
        return
      }
      const rows = await listJournal(target, signal)
      print(rows, rows.length === 0 ? 'Nothing was interrupted.' : formatTable(head, rows.map(cells)))
    })
  })
}

function cells(row: JournalRow): readonly string[] {
  return [
    changeSetFqn(row),
    row.direction,
    `${row.position} of ${row.total}`,
    row.state,
    row.startedAt,
    row.error ?? '',
  ]
}
