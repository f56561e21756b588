// `sluice update-sql`, `update-count-sql` and `update-to-tag-sql`: print what an update would run. Changes nothing.
import type { Command } from 'commander'
import { toPayload } from '#engine/payload'
import { updateSql } from '#engine/sql'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { isJson, withChangelog } from '../target/session.ts'
import type { Terminal } from '../terminal.ts'
import { optionsOf } from './update.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  const name = command.name()
  if (name === 'update-count-sql') command.option('--count <number>', 'how many change sets to take')
  if (name === 'update-to-tag-sql') command.option('--tag <name>', 'tag to go up to, including its change set')
  command.action(async (flags: Record<string, unknown>) => {
    await withChangelog(name, flags, terminal, async ({ context, settings }) => {
      const json = isJson(settings)
      const { plan, sql } = await updateSql(context, optionsOf(name, settings), terminal.signal)
      terminal.out(json ? JSON.stringify(toPayload(plan, sql)) : sql)
    })
  })
}
