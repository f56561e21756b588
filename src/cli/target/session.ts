// Opens what a command of the engine works with, from flags, environment and defaults file, and closes it again.
import { Fault, toFaultRecord } from '#contract/fault'
import { formatDiagnostic } from '#contract/diagnostic'
import type { ChangelogOptions, EngineContext, TargetContext } from '#engine/context'
import type { Memory } from '#engine/idle/update'
import { openContext, openForChangelog, openTarget } from '#engine/open'
import { openDestination } from '../output/destination.ts'
import type { Terminal } from '../terminal.ts'
import type { CommandSession } from './command-session.ts'
import { openMemory } from './memory.ts'
import { releaseAfterwards } from './last-act.ts'
import { changelogOptions, targetOptions } from './option.ts'
import { type Flags, readSettings, type Settings } from './setting.ts'

export interface TargetSession extends CommandSession {
  readonly target: TargetContext
}

export interface ChangelogSession extends CommandSession {
  readonly context: EngineContext
}

/** Have nothing to say about a database that is not there. */
const lookers = /^(?:tag-exists|list-locks|snapshot|generate-changelog)$/
/** Say what would become of it. */
const planners = /^(?:status|history|validate|unexpected-changesets|calculate-checksum|db-doc|(?!execute).*-sql)$/

/** Only what changes a database makes one: a name may have been mistyped. */
function absentFor(command: string): 'make' | 'refuse' | 'pretend' {
  if (lookers.test(command)) return 'refuse'
  return planners.test(command) ? 'pretend' : 'make'
}

/** For commands that need no changelog. */
export async function withTarget(
  command: string,
  flags: Flags,
  terminal: Terminal,
  work: (session: TargetSession) => Promise<void>,
): Promise<void> {
  await withSettings(command, flags, terminal, async (session, sql) => {
    const absent = absentFor(command)
    const target = await openTarget(await targetOptions(session, sql, absent), session.terminal.signal)
    await thenClosed(target, session, async () => await work({ ...session, target }))
  })
}

export async function withChangelog(
  command: string,
  flags: Flags,
  terminal: Terminal,
  work: (session: ChangelogSession) => Promise<void>,
): Promise<void> {
  await withSettings(command, flags, terminal, async (session, sql) => {
    const absent = absentFor(command)
    const options = { ...(await targetOptions(session, sql, absent)), ...changelogOptions(session, flags) }
    const context = await openContext(options, session.terminal.signal)
    await thenClosed(context, session, async () => {
      for (const warning of context.warnings) options.log(formatDiagnostic(warning))
      await work({ ...session, context })
    })
  })
}

/** For `update` without limits: with the options, so that the changelog is only read when it must be. */
export async function withMemory(
  command: string,
  flags: Flags,
  terminal: Terminal,
  otherwise: (session: ChangelogSession) => Promise<void>,
  work: (session: TargetSession & { readonly changelog: ChangelogOptions; readonly memory: Memory }) => Promise<void>,
): Promise<void> {
  const memory = await openMemory(terminal)
  if (memory === undefined) {
    await withChangelog(command, flags, terminal, otherwise)
    return
  }
  await withSettings(command, flags, terminal, async (session, sql) => {
    const changelog = changelogOptions(session, flags)
    const target = await openForChangelog(
      { ...(await targetOptions(session, sql)), ...changelog },
      session.terminal.signal,
    )
    await thenClosed(target, session, async () => await work({ ...session, target, changelog, memory }))
  })
}

async function thenClosed(
  target: TargetContext,
  { settings, terminal }: CommandSession,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } finally {
    releaseAfterwards(target, settings.require('url'), terminal)
    await target.close()
  }
}

/** For commands that need no database either. `sql` is told every statement when those are logged. */
export async function withSettings(
  command: string,
  flags: Flags,
  terminal: Terminal,
  work: (session: CommandSession, sql: ((text: string) => void) | undefined) => Promise<void>,
): Promise<void> {
  const settings = await readSettings(command, flags, terminal)
  if (!settings.isOn('should-run', true)) {
    terminal.out("Sluice did not run because '--should-run' was set to false")
    return
  }
  const json = isJson(settings)
  const destination = openDestination(settings, terminal)
  const { out } = destination.terminal
  const print = (data: unknown, text: string | undefined): void => {
    if (json) out(JSON.stringify(data))
    else if (text !== undefined) out(text)
  }
  let outcome: 'done' | 'failed' = 'failed'
  try {
    for (const note of settings.notes) destination.log(note)
    await work({ settings, terminal: destination.terminal, log: destination.log, json, print }, destination.sql)
    outcome = 'done'
  } catch (error) {
    // Beside the text on standard error, so that a program has one thing to read whatever happens.
    if (json && error instanceof Fault) out(JSON.stringify({ fault: toFaultRecord(error) }))
    throw error
  } finally {
    destination.close(outcome)
  }
}

/** A whole number of at least one, for `--count`. */
export function countOf(settings: Settings): number {
  const count = Number(settings.require('count'))
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new Fault('usage', `--count must be a whole number of at least 1.`)
}

/** Whether data is wanted as JSON. Commands with further forms look at `format` themselves. */
export function isJson(settings: Settings): boolean {
  const format = settings.get('format')?.toLowerCase()
  if (format === undefined || ['json', 'text', 'tabular', 'sql', 'xml', 'yaml', 'yml', 'txt'].includes(format)) {
    return format === 'json'
  }
  throw new Fault('usage', `--format ${format} is not known.`, { hint: 'Use text or json.' })
}
