// The -sql commands of the way forward: print what would run, or what would undo it. They change nothing.
import type { Command } from 'commander'
import { changelogSyncSql, futureRollbackSql, markNextChangeSetRanSql, type Script, updateSql } from '#engine/sql'
import { printPlan } from '../output/plan.ts'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { type ChangelogSession, withChangelog } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'
import { addLimitFlag, limitFlags, optionsOf } from './update.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  const name = command.name()
  command
    .option('--output-default-schema [yes]', 'write the default schema before names (default: true)')
    .option(
      '--plan [yes]',
      'say the digest of the plan on standard error; `update --plan <digest>` runs just that plan',
    )
  addLimitFlag(command)
  command.action(async (value: unknown, more: unknown) => {
    await withChangelog(name, limitFlags(name, value, more), terminal, async (session) => {
      await printPlan(session, await scriptOf(name, session))
    })
  })
}

async function scriptOf(name: string, { context, settings, terminal, json }: ChangelogSession): Promise<Script> {
  const options = optionsOf(name, settings)
  const { signal } = terminal
  if (name.startsWith('future-rollback')) return await futureRollbackSql(context, options, signal)
  if (name.startsWith('changelog-sync')) return await changelogSyncSql(context, options, signal)
  if (name.startsWith('mark-next')) return await markNextChangeSetRanSql(context, signal)
  return await updateSql(context, { ...options, withReverse: json }, signal)
}
