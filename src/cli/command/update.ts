// `sluice update`, `update-count` and `update-to-tag`: bring a database to its changelog.
import type { Command } from 'commander'
import { update, type UpdateOptions } from '#engine/update'
import { progressListener } from '../output/progress.ts'
import { formatSummary } from '../output/summary.ts'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { type ChangelogSession, countOf, isJson, withChangelog } from '../target/session.ts'
import type { Settings } from '../target/setting.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  command.option('--show-summary <level>', 'off, summary or verbose')
  const name = command.name()
  if (name === 'update-count') command.option('--count <number>', 'how many change sets to run')
  if (name === 'update-to-tag') command.option('--tag <name>', 'tag to run up to, including its change set')
  command.action(async (flags: Record<string, unknown>) => {
    await withChangelog(
      name,
      flags,
      terminal,
      async (session) => await run(session, optionsOf(name, session.settings), terminal, name),
    )
  })
}

export function optionsOf(name: string, settings: Settings): Pick<UpdateOptions, 'count' | 'toTag'> {
  if (name.startsWith('update-count')) return { count: countOf(settings) }
  if (name.startsWith('update-to-tag')) return { toTag: settings.require('tag') }
  return {}
}

async function run(
  { context, settings }: ChangelogSession,
  options: UpdateOptions,
  terminal: Terminal,
  name: string,
): Promise<void> {
  const json = isJson(settings)
  const result = await update(context, options, progressListener(terminal), terminal.signal)
  const { plan, ran, markedRan, skipped, rowsAffected } = result
  if (json) {
    const { alreadyRan, digest } = plan
    terminal.out(
      JSON.stringify({ ran, markedRan, skipped, alreadyRan, filtered: plan.filtered.length, rowsAffected, digest }),
    )
    return
  }
  if (plan.steps.length === 0) terminal.err('Database is up to date, no changesets to execute')
  if (settings.get('show-summary')?.toLowerCase() !== 'off') {
    terminal.out(formatSummary({ run: ran + markedRan, plan, skipped }))
  }
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  terminal.out(`Sluice: ${title} has been successful. Rows affected: ${rowsAffected}`)
}
