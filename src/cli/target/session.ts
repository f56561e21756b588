// Opens what a command of the engine works with, from flags, environment and defaults file, and closes it again.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { folderSource } from '#changelog/folder'
import { formatDiagnostic } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import type { ChangelogOptions, EngineContext, TargetContext, TargetOptions } from '#engine/context'
import { describeHost } from '#engine/host'
import { openContext, openTarget } from '#engine/open'
import type { Terminal } from '../terminal.ts'
import { type Flags, readSettings, type Settings } from './setting.ts'

export interface TargetSession {
  readonly target: TargetContext
  readonly settings: Settings
}

export interface ChangelogSession {
  readonly context: EngineContext
  readonly settings: Settings
}

/** For commands that need no changelog. */
export async function withTarget(
  command: string,
  flags: Flags,
  terminal: Terminal,
  work: (session: TargetSession) => Promise<void>,
): Promise<void> {
  const settings = await readSettings(command, flags, terminal)
  const target = await openTarget(await targetOptions(settings, terminal), terminal.signal)
  try {
    await work({ target, settings })
  } finally {
    await target.close()
  }
}

export async function withChangelog(
  command: string,
  flags: Flags,
  terminal: Terminal,
  work: (session: ChangelogSession) => Promise<void>,
): Promise<void> {
  const settings = await readSettings(command, flags, terminal)
  const options = { ...(await targetOptions(settings, terminal)), ...changelogOptions(settings, flags, terminal) }
  const context = await openContext(options, terminal.signal)
  try {
    for (const warning of context.warnings) options.log(formatDiagnostic(warning))
    await work({ context, settings })
  } finally {
    await context.close()
  }
}

async function targetOptions(settings: Settings, terminal: Terminal): Promise<TargetOptions> {
  const defaultSchemaName = settings.get('default-schema-name')
  const schemaName = settings.get('liquibase-schema-name')
  const changelogTable = settings.get('database-changelog-table-name')
  const lockTable = settings.get('database-changelog-lock-table-name')
  return {
    connection: {
      url: settings.require('url'),
      username: settings.get('username'),
      password: await passwordOf(settings, terminal),
      defaultSchemaName,
    },
    history: {
      ...(schemaName === undefined ? {} : { schemaName }),
      ...(changelogTable === undefined ? {} : { changelogTable }),
      ...(lockTable === undefined ? {} : { lockTable }),
    },
    host: describeHost(hostname(), networkInterfaces()),
    run: `cli-${randomBytes(6).toString('hex')}`,
    clock: terminal.clock,
    log: isQuiet(settings) ? () => {} : terminal.err,
    lockWait: { patience: secondsOf(settings, 'lock-wait', 300) * 1000, interval: 1000 },
  }
}

/** From a file or the environment rather than from arguments, which other users of the machine can read. */
async function passwordOf(settings: Settings, terminal: Terminal): Promise<string | undefined> {
  const file = settings.get('password-file')
  if (file === undefined) return settings.get('password') ?? terminal.environment['SLUICE_PASSWORD']
  try {
    return (await readFile(resolve(terminal.folder, file), 'utf8')).replace(/\r?\n$/, '')
  } catch (cause) {
    throw new Fault('usage', `The password file ${file} cannot be read.`, { hint: 'Check --password-file.', cause })
  }
}

function changelogOptions(settings: Settings, flags: Flags, terminal: Terminal): ChangelogOptions {
  const searchPath = settings.get('search-path')
  const roots = (searchPath?.split(',') ?? ['.']).map((root) => resolve(terminal.folder, root.trim()))
  const contexts = settings.get('contexts')
  const labelFilter = settings.get('label-filter')
  return {
    files: folderSource(roots),
    changelogFile: withinRoots(settings.require('changelog-file'), roots),
    ...(contexts === undefined ? {} : { contexts }),
    ...(labelFilter === undefined ? {} : { labelFilter }),
    parameters: definitions(flags['define']),
    defaults: settings.parameters,
    environment: withoutSecrets(terminal.environment),
  }
}

/** FILENAME of the history must not depend on where the checkout lies, so an absolute path is made relative to the search path. */
function withinRoots(file: string, roots: readonly string[]): string {
  if (!isAbsolute(file)) return file
  for (const root of roots) {
    const inside = relative(root, file)
    if (inside !== '' && !inside.startsWith('..') && !isAbsolute(inside)) return inside.split(sep).join('/')
  }
  throw new Fault('changelog-not-found', `The changelog ${file} is outside of the search path.`, {
    hint: 'Give --search-path with the folder that holds it, and --changelog-file relative to that.',
  })
}

/** Changelogs may use the environment, as with the original engine, but a secret must not end up in SQL and history by that way. */
function withoutSecrets(environment: Terminal['environment']): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/PASSWORD|SECRET|TOKEN/i.test(name)))
}

function definitions(values: unknown): Record<string, string> {
  const found: Record<string, string> = {}
  for (const value of Array.isArray(values) ? (values as readonly string[]) : []) {
    const at = value.indexOf('=')
    if (at <= 0) throw new Fault('usage', `-D${value} is not a property.`, { hint: 'Write -Dname=value.' })
    found[value.slice(0, at)] = value.slice(at + 1)
  }
  return found
}

/** Only what went wrong. */
export function isQuiet(settings: Settings): boolean {
  return ['off', 'severe'].includes(settings.get('log-level')?.toLowerCase() ?? '')
}

function secondsOf(settings: Settings, name: string, preset: number): number {
  const text = settings.get(name)
  if (text === undefined) return preset
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds >= 0) return seconds
  throw new Fault('usage', `--${name} ${text} is not a number of seconds.`)
}

/** A whole number of at least one, for `--count`. */
export function countOf(settings: Settings): number {
  const count = Number(settings.require('count'))
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new Fault('usage', `--count must be a whole number of at least 1.`)
}

/** Whether data is wanted as JSON. */
export function isJson(settings: Settings): boolean {
  const format = settings.get('format')?.toLowerCase()
  if (format === undefined || format === 'json' || format === 'text' || format === 'tabular') return format === 'json'
  throw new Fault('usage', `--format ${format} is not known.`, { hint: 'Use text or json.' })
}
