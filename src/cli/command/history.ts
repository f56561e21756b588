// `sluice history`: what ran on a database, oldest first.
import type { Command } from 'commander'
import { history, type HistoryRow } from '#engine/history'
import { formatTable } from '../output/table.ts'
import { addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { isJson, withTarget } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

const head = ['Deployment ID', 'Update Date', 'Changelog Path', 'Changeset Author', 'Changeset ID', 'Tag']

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addTargetFlags(command))
  command.option('--tag-filter <name>', 'only rows with this tag')
  command.action(async (flags: Record<string, unknown>) => {
    await withTarget('history', flags, terminal, async ({ target, settings }) => {
      const json = isJson(settings)
      const wanted = settings.get('tag-filter')
      const rows = (await history(target, terminal.signal)).filter((row) => wanted === undefined || row.tag === wanted)
      if (json) {
        terminal.out(JSON.stringify(rows))
        return
      }
      const title = `Liquibase History for ${target.database.url}`
      terminal.out(rows.length === 0 ? 'No changesets deployed' : `${title}\n\n${formatTable(head, rows.map(cells))}\n`)
    })
  })
}

function cells(row: HistoryRow): readonly string[] {
  const date = row.dateExecuted.replace('T', ' ').slice(0, 19)
  return [row.deploymentId ?? '', date, row.fileName, row.author, row.id, row.tag ?? '']
}
