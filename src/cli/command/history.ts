// `sluice history`: what ran on a database, oldest first, by deployment.
import { type Command, Option } from 'commander'
import { history, type HistoryRow } from '#engine/history'
import { shortDate } from '#engine/script'
import { formatTable } from '../output/table.ts'
import { addTargetFlags } from '../target/flag.ts'
import { withTarget } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

const head = ['Deployment ID', 'Update Date', 'Changelog Path', 'Changeset Author', 'Changeset ID', 'Tag']

export function configure(command: Command, terminal: Terminal): void {
  addTargetFlags(command)
  command
    .option('--format <form>', 'tabular, text or json (default: tabular)')
    .option('--tag-filter <name>', 'only rows with this tag')
    .option('--show-tags [yes]', 'only rows with a tag (default: false)')
    // Taken and not looked at, as by the original engine.
    .addOption(new Option('--changelog-file <path>').hideHelp())
  command.action(async (flags: Record<string, unknown>) => {
    await withTarget('history', flags, terminal, async ({ target, settings, print, terminal: { signal } }) => {
      const format = settings.choose('format', ['TABULAR', 'TEXT', 'JSON'], 'TABULAR')
      const wanted = settings.get('tag-filter')
      const withTag = settings.isOn('show-tags', false)
      const rows = (await history(target, signal)).filter(
        (row) => (wanted === undefined || row.tag === wanted) && (!withTag || row.tag !== undefined),
      )
      const blocks = byDeployment(rows).map(format === 'TEXT' ? textBlock : tableBlock)
      const text = rows.length === 0 ? 'No changesets deployed' : blocks.map((block) => `${block}\n`).join('\n')
      print(rows, `Liquibase History for ${target.database.url}\n\n${text}`)
    })
  })
}

/** Neighbours of one deployment. */
function byDeployment(rows: readonly HistoryRow[]): readonly (readonly HistoryRow[])[] {
  const groups: HistoryRow[][] = []
  for (const row of rows) {
    const last = groups.at(-1)
    if (last !== undefined && last[0]?.deploymentId === row.deploymentId) last.push(row)
    else groups.push([row])
  }
  return groups
}

const tableBlock = (rows: readonly HistoryRow[]): string => formatTable(head, rows.map(cells))

function cells(row: HistoryRow): readonly string[] {
  return [row.deploymentId ?? '', dateOf(row), row.fileName, row.author, row.id, row.tag ?? '']
}

function textBlock(rows: readonly HistoryRow[]): string {
  const [first] = rows
  const last = rows.at(-1)
  if (first === undefined || last === undefined) return ''
  const span = (last.executedAt - first.executedAt) / 1000
  const time = rows.length > 1 ? ` in ${span}s` : ''
  const title = `- Database updated at ${dateOf(first)}. Applied ${rows.length} changeset(s)${time}, DeploymentId: ${first.deploymentId ?? ''}`
  return [title, ...rows.map((row) => `  ${row.fileName}::${row.id}::${row.author}`)].join('\n')
}

/** A date that cannot be read stays as the database prints it. */
const dateOf = (row: HistoryRow): string => (row.executedAt > 0 ? shortDate(row.executedAt) : row.dateExecuted)
