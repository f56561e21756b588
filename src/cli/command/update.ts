// `sluice update`, `update-count`, `update-to-tag` and `update-testing-rollback`: bring a database to its changelog.
import type { Command } from 'commander'
import { changeSetFqn } from '#contract/change-set'
import type { Plan, ProgressListener } from '#engine/plan'
import { updateWithMemory } from '#engine/idle/update'
import type { UpdateOptions, UpdateResult } from '#engine/update'
import { progressListener } from '../output/progress.ts'
import { formatReasons, formatSummary, type Summary } from '../output/summary.ts'
import { addChangelogFlags, addFormatFlag, addTargetFlags } from '../target/flag.ts'
import type { CommandSession } from '../target/command-session.ts'
import { type ChangelogSession, countOf, withChangelog, withMemory } from '../target/session.ts'
import type { Flags, Settings } from '../target/setting.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  addFormatFlag(addChangelogFlags(addTargetFlags(command)))
  const name = command.name()
  command
    .option('--show-summary <level>', 'off, summary or verbose')
    .option('--show-summary-output <where>', 'log, console or all')
    .option('--plan <digest>', 'run only if the plan has this digest, which update-sql --format json gives')
  addLimitFlag(command)
  command.action(async (value: unknown, more: unknown) => {
    const flags = limitFlags(name, value, more)
    if (name === 'update') await runWhole(flags, terminal)
    else {
      await withChangelog(name, flags, terminal, async (session) => {
        await (name === 'update-testing-rollback' ? runTest(session) : runOn(session, name))
      })
    }
  })
}

/** The flag that says how far, also as a bare argument, as older scripts write it. */
export function addLimitFlag(command: Command): void {
  const name = command.name()
  if (/-count\b/.test(name)) {
    command.argument('[number]', 'how many change sets').option('--count <number>', 'how many change sets')
  } else if (/-tag\b|testing/.test(name)) {
    command.argument('[name]', 'tag').option('--tag <name>', 'tag to go up to, including its change set')
  }
}

/** Commander hands over the bare argument first, when the command has one. */
export function limitFlags(name: string, value: unknown, more: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  const flags = more as Record<string, unknown>
  if (value === undefined) return flags
  return { [/-count\b/.test(name) ? 'count' : 'tag']: value, ...flags }
}

export function optionsOf(name: string, settings: Settings): Pick<UpdateOptions, 'count' | 'toTag'> {
  if (/-count\b/.test(name)) return { count: countOf(settings) }
  if (/-tag\b/.test(name)) return { toTag: settings.require('tag') }
  return {}
}

/** `--plan`: what was looked at is what runs. */
export function approvedPlan(settings: Settings): { readonly approvedDigest?: string } {
  const approvedDigest = settings.get('plan')
  return approvedDigest === undefined ? {} : { approvedDigest }
}

/** Without limits most updates have nothing to do, and what is remembered of the last one tells so. */
async function runWhole(flags: Flags, terminal: Terminal): Promise<void> {
  await withMemory('update', flags, terminal, runOn, async (session) => {
    const { target, changelog, memory, settings } = session
    const filters = { contexts: changelog.contexts ?? '', labelFilter: changelog.labelFilter ?? '' }
    const approved = approvedPlan(settings)
    await run(
      { ...session, ...filters },
      'update',
      async (listener, signal) => await updateWithMemory(target, changelog, memory, approved, listener, signal),
    )
  })
}

async function runOn(session: ChangelogSession, name = 'update'): Promise<void> {
  const { context, settings } = session
  const { contexts, labelFilter } = context
  const options = { ...optionsOf(name, settings), ...approvedPlan(settings) }
  const { update } = await import('#engine/update')
  await run(
    { ...session, contexts, labelFilter },
    name,
    async (listener, signal) => await update(context, options, listener, signal),
  )
}

type FilteredSession = CommandSession & { readonly contexts: string; readonly labelFilter: string }

async function run(
  session: FilteredSession,
  name: string,
  work: (listener: ProgressListener, signal: AbortSignal) => Promise<UpdateResult>,
): Promise<void> {
  const { settings, terminal, print, json } = session
  const options = optionsOf(name, settings)
  const form = summaryForm(settings)
  const told = listen(terminal)
  const { plan, ran, markedRan, rowsAffected } = await work(told.listener, terminal.signal)
  const { skipped, failed } = told
  const summary = { run: ran + markedRan, plan, skipped, failed: failed.length }
  if (json) {
    const { alreadyRan, digest } = plan
    print({ ran, markedRan, skipped, failed, alreadyRan, filtered: filteredOf(plan), rowsAffected, digest }, undefined)
    return
  }
  if (plan.steps.length === 0) terminal.err('Database is up to date, no changesets to execute')
  showSummary(session, summary, options, form)
  terminal.err(`Sluice: ${titleOf(name)} has been successful. Rows affected: ${rowsAffected}`)
}

async function runTest(session: ChangelogSession): Promise<void> {
  const { context, settings, terminal, print, json } = session
  const toTag = settings.get('tag')
  const limit = toTag === undefined ? {} : { toTag }
  const told = listen(terminal)
  const options = { ...limit, ...approvedPlan(settings) }
  const form = summaryForm(settings)
  const { updateTestingRollback } = await import('#engine/update-testing-rollback')
  const { updates, rolledBack } = await updateTestingRollback(context, options, told.listener, terminal.signal)
  const counts = updates.map(({ totals }) => ({
    ran: totals.done,
    markedRan: totals.markedRan,
    skipped: totals.skipped,
    rowsAffected: totals.rowsAffected,
  }))
  print({ first: counts[0], rolledBack, second: counts[1], digest: updates[0]?.plan.digest }, undefined)
  if (json) return
  for (const { plan, totals } of updates) {
    const skipped = [...new Set(told.skipped)].slice(0, totals.skipped)
    const failed = totals.skipped - skipped.length
    const { contexts, labelFilter } = context
    const filtered = { ...session, contexts, labelFilter }
    showSummary(filtered, { run: totals.done + totals.markedRan, plan, skipped, failed }, limit, form)
    terminal.err(`Sluice: Update has been successful. Rows affected: ${totals.rowsAffected}`)
  }
}

interface Told {
  readonly listener: ProgressListener
  /** Names of change sets that preconditions left out. */
  readonly skipped: string[]
  /** Of those that failed with failOnError=false. */
  readonly failed: string[]
}

function listen(terminal: Terminal): Told {
  const progress = progressListener(terminal)
  const told = { skipped: [] as string[], failed: [] as string[] }
  const listener: ProgressListener = {
    ...progress,
    async changeSetFinished(step, result) {
      await progress.changeSetFinished(step, result)
      const name = changeSetFqn({ ...step.changeSet, fileName: step.changeSet.path })
      if (result.status === 'skipped') told.skipped.push(name)
      if (result.status === 'failed') told.failed.push(name)
    },
  }
  return { listener, ...told }
}

/** What `showSummary` is to do; asked before anything runs. */
function summaryForm(settings: Settings) {
  return {
    level: settings.choose('show-summary', ['OFF', 'SUMMARY', 'VERBOSE'], 'SUMMARY'),
    where: settings.choose('show-summary-output', ['LOG', 'CONSOLE', 'ALL'], 'ALL'),
  }
}

function showSummary(
  { contexts, labelFilter, terminal, log }: FilteredSession,
  summary: Summary,
  { count, toTag }: Pick<UpdateOptions, 'count' | 'toTag'>,
  { level, where }: ReturnType<typeof summaryForm>,
): void {
  if (level === 'OFF') return
  const table = level === 'VERBOSE' ? formatReasons(summary, { contexts, labelFilter, tag: toTag, count }) : ''
  const text = formatSummary(summary) + (table === '' ? '' : `\n${table}`)
  if (where === 'LOG') log(text)
  else terminal.out(text)
}

export function filteredOf(plan: Pick<Plan, 'filtered'>): readonly { changeSet: string; reason: string }[] {
  return plan.filtered.map(({ changeSet, reason }) => ({
    changeSet: changeSetFqn({ ...changeSet, fileName: changeSet.path }),
    reason,
  }))
}

export function titleOf(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}
