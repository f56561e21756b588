// `sluice rollback`, `rollback-count`, `rollback-to-date` and their -sql forms: undo change sets, or print what would.
import type { Command } from 'commander'
import { splitSql } from '#change/split'
import { Fault } from '#contract/fault'
import { historyDateExample, readHistoryDate } from '#contract/history-date'
import type { RollbackTarget } from '#engine/context'
import { rollback, type RollbackOptions } from '#engine/rollback'
import { rollbackSql } from '#engine/sql'
import { printPlan } from '../output/plan.ts'
import { progressListener } from '../output/progress.ts'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import { type ChangelogSession, countOf, withChangelog } from '../target/session.ts'
import type { Settings } from '../target/setting.ts'
import type { Terminal } from '../terminal.ts'
import { approvedPlan } from './update.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  const name = command.name()
  const [flag, description] = flagOf(name)
  command.argument('[value]', description).option(flag, description)
  if (keyOf(name) === 'tag') {
    command.option('--tag-version <which>', 'oldest or newest, of several rows with the tag (default: oldest)')
  }
  command.option('--rollback-script <file>', 'SQL file that is run instead of the rollback of the change sets')
  if (name.endsWith('-sql')) {
    command
      .option('--output-default-schema [yes]', 'write the default schema before names (default: true)')
      .option('--plan [yes]', 'say the digest of the plan on standard error')
  } else command.option('--plan <digest>', 'run only if the plan has this digest')
  command.action(async (value: string | undefined, flags: Record<string, unknown>) => {
    const all = value === undefined ? flags : { [keyOf(name)]: value, ...flags }
    await withChangelog(name, all, terminal, async (session) => {
      const target = targetOf(name, session.settings)
      await (name.endsWith('-sql') ? printScript(session, target) : run(session, target))
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

/** Of several rows with a tag the command line of the original engine takes the oldest. */
function targetOf(name: string, settings: Settings): RollbackTarget {
  const key = keyOf(name)
  if (key === 'count') return { count: countOf(settings) }
  if (key === 'date') return { date: dateOf(settings.require('date')) }
  return { tag: settings.require('tag'), tagVersion: settings.choose('tag-version', ['OLDEST', 'NEWEST'], 'OLDEST') }
}

function dateOf(text: string): number {
  const date = readHistoryDate(text)
  if (date !== undefined) return date
  throw new Fault('usage', `--date ${text} is not a date.`, { hint: `Write ${historyDateExample}.` })
}

async function run({ context, settings, terminal, print }: ChangelogSession, target: RollbackTarget): Promise<void> {
  const script = await scriptOption(context, settings)
  const options = { ...script, ...approvedPlan(settings) }
  const result = await rollback(context, target, options, progressListener(terminal), terminal.signal)
  const { rolledBack, rowsAffected, plan } = result
  print({ rolledBack, rowsAffected, digest: plan.digest }, undefined)
  const subject = rolledBack === 1 ? '1 changeset' : `${rolledBack} changesets`
  terminal.err(`Sluice: ${subject} rolled back. Rows affected: ${rowsAffected}`)
}

async function printScript(session: ChangelogSession, target: RollbackTarget): Promise<void> {
  const { context, settings, terminal } = session
  await printPlan(session, await rollbackSql(context, target, await scriptOption(context, settings), terminal.signal))
}

/** A file of the search path, its properties expanded, split as a changelog's SQL is. */
async function scriptOption(
  { files, expanderFor }: ChangelogSession['context'],
  settings: Settings,
): Promise<Pick<RollbackOptions, 'script'>> {
  const file = settings.get('rollback-script')
  if (file === undefined) return {}
  const bytes = await files.read(file)
  if (bytes === undefined) {
    throw new Fault('usage', `There is no file ${file} on the search path.`, { hint: 'Check --rollback-script.' })
  }
  const span = { file, line: 1, column: 1 }
  const text = expanderFor({ span, id: '', author: '' })(new TextDecoder().decode(bytes))
  const parts = splitSql(text, { splitStatements: true, stripComments: true, endDelimiter: undefined })
  const statements = parts.map(({ sql, line, column }) => ({ sql, endDelimiter: ';', span: { file, line, column } }))
  return { script: { statements } }
}
