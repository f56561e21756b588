// `sluice unexpected-changesets`: what ran here and is not in the changelog.
import type { Command } from 'commander'
import { changeSetFqn } from '#contract/change-set'
import { unexpectedChangeSets } from '#engine/unexpected-changesets'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { withChangelog } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  command.option('--verbose [yes]', 'list them (default: false)')
  const name = command.name()
  command.action(async (flags: Record<string, unknown>) => {
    await withChangelog(name, flags, terminal, async ({ context, settings, print, terminal: { signal } }) => {
      const verbose = settings.isOn('verbose', false)
      const names = (await unexpectedChangeSets(context, signal)).map(changeSetFqn)
      const place = `${context.database.user}@${context.database.url}`
      print({ unexpected: names }, textOf(names, place, verbose))
    })
  })
}

function textOf(names: readonly string[], place: string, verbose: boolean): string {
  if (names.length === 0) return `${place} contains no unexpected changes!`
  const subject = names.length === 1 ? '1 unexpected change was' : `${names.length} unexpected changes were`
  const lines = verbose ? names.map((name) => `     ${name}`) : []
  return [`${subject} found in ${place}`, ...lines].join('\n')
}
