// `sluice rollback`, `rollback-count`, `rollback-to-date` and their -sql forms: undo change sets, or print what would.
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import type { RollbackTarget } from '#engine/context'
import { toPayload } from '#engine/payload'
import { rollback } from '#engine/rollback'
import { rollbackSql } from '#engine/sql'
import { progressListener } from '../output/progress.ts'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { type ChangelogSession, countOf, isJson, withChangelog } from '../target/session.ts'
import type { Settings } from '../target/setting.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  const name = command.name()
  const [flag, description] = flagOf(name)
  command.argument('[value]', description).option(flag, description)
  if (name.startsWith('rollback-sql') || name === 'rollback') {
    command.option('--tag-version <which>', 'newest or oldest, of several rows with the tag (default: newest)')
  }
  command.action(async (value: string | undefined, flags: Record<string, unknown>) => {
    const all = value === undefined ? flags : { [keyOf(name)]: value, ...flags }
    await withChangelog(name, all, terminal, async (session) => {
      const target = targetOf(name, session.settings)
      await (name.endsWith('-sql') ? print(session, target, terminal) : run(session, target, terminal))
    })
  })
}

function keyOf(name: string): 'tag' | 'count' | 'date' {
  if (name.startsWith('rollback-count')) return 'count'
  return name.startsWith('rollback-to-date') ? 'date' : 'tag'
}

function flagOf(name: string): readonly [flag: string, description: string] {
  return {
    tag: ['--tag <name>', 'tag to go back to'],
    count: ['--count <number>', 'how many change sets to roll back'],
    date: ['--date <date>', 'roll back what ran after it, e.g. 2026-11-20 or 2026-11-20T18:00:00 (UTC)'],
  }[keyOf(name)] as [string, string]
}

function targetOf(name: string, settings: Settings): RollbackTarget {
  const key = keyOf(name)
  if (key === 'count') return { count: countOf(settings) }
  if (key === 'date') return { date: dateOf(settings.require('date')) }
  const oldest = settings.get('tag-version')?.toUpperCase() === 'OLDEST'
  return { tag: settings.require('tag'), ...(oldest ? { tagVersion: 'OLDEST' } : {}) }
}

function dateOf(text: string): number {
  const found = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?(?:\.\d+)?))?Z?$/.exec(text)
  const date = found ? Date.parse(`${found[1]}T${found[2] ?? '00:00:00'}Z`) : Number.NaN
  if (Number.isNaN(date))
    throw new Fault('usage', `--date ${text} is not a date.`, { hint: 'Write 2026-11-20T18:00:00.' })
  return date
}

async function run({ context, settings }: ChangelogSession, target: RollbackTarget, terminal: Terminal): Promise<void> {
  const json = isJson(settings)
  const result = await rollback(context, target, {}, progressListener(terminal), terminal.signal)
  const { rolledBack, rowsAffected, plan } = result
  if (json) terminal.out(JSON.stringify({ rolledBack, rowsAffected, digest: plan.digest }))
  else terminal.out(`Sluice: ${rolledBack} changesets rolled back. Rows affected: ${rowsAffected}`)
}

async function print(
  { context, settings }: ChangelogSession,
  target: RollbackTarget,
  terminal: Terminal,
): Promise<void> {
  const json = isJson(settings)
  const { plan, sql } = await rollbackSql(context, target, terminal.signal)
  terminal.out(json ? JSON.stringify(toPayload(plan, sql)) : sql)
}
