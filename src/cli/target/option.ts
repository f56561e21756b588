// What the engine is opened with, made from settings.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import { isAbsolute, posix, relative, resolve, sep } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { folderSource } from '#changelog/folder'
import { Fault } from '#contract/fault'
import { capabilities } from '#database/capability'
import { parseDatabaseUrl } from '#database/url'
import type { ChangelogOptions, TargetOptions } from '#engine/context'
import { describeHost } from '#engine/host'
import { tunedForSize } from '../process/tune.ts'
import type { Terminal } from '../terminal.ts'
import type { CommandSession } from './command-session.ts'
import type { Flags, Settings } from './setting.ts'

export async function targetOptions(
  { settings, terminal, log }: CommandSession,
  onStatement: ((sql: string) => void) | undefined,
  absent: TargetOptions['connection']['absent'] = 'make',
): Promise<TargetOptions> {
  const url = settings.require('url')
  const [catalog, historyCatalog] = catalogsOf(url, settings)
  const defaultSchemaName = settings.get('default-schema-name') ?? catalog
  const schemaName = settings.get('liquibase-schema-name') ?? historyCatalog
  const changelogTable = settings.get('database-changelog-table-name')
  const lockTable = settings.get('database-changelog-lock-table-name')
  return {
    connection: {
      url,
      username: settings.get('username'),
      password: await passwordOf(settings, terminal),
      defaultSchemaName,
      folder: terminal.folder,
      absent,
      ...(settings.isOn('sql-show-sql-warnings', true) ? {} : { notice: () => {} }),
    },
    history: {
      ...(schemaName === undefined ? {} : { schemaName }),
      ...(changelogTable === undefined ? {} : { changelogTable }),
      ...(lockTable === undefined ? {} : { lockTable }),
    },
    host: describeHost(hostname(), networkInterfaces()),
    run: `cli-${randomBytes(6).toString('hex')}`,
    clock: terminal.clock,
    log,
    lockWait: lockWaitOf(settings),
    outputDefaultSchema: settings.isOn('output-default-schema', true),
    suppressHistorySql: settings.isOn('suppress-liquibase-sql', false),
    alwaysDropInsteadOfReplace: settings.isOn('always-drop-instead-of-replace', false),
    ...(onStatement === undefined ? {} : { onStatement }),
  }
}

/** What MySQL and MariaDB call a database the original engine calls a catalog; elsewhere the URL alone says which it is. */
function catalogsOf(text: string, settings: Settings): readonly (string | undefined)[] {
  const url = parseDatabaseUrl(text)
  const isServer = 'host' in url && !capabilities[url.kind].schemas
  return isServer ? [settings.get('default-catalog-name'), settings.get('liquibase-catalog-name')] : []
}

function lockWaitOf(settings: Settings): NonNullable<TargetOptions['lockWait']> {
  const minutes = settings.number('changelog-lock-wait-time-in-minutes', 5)
  return {
    patience: settings.number('lock-wait', minutes * 60) * 1000,
    interval: Math.max(0.05, settings.number('changelog-lock-poll-rate', 1)) * 1000,
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

export function rootsOf({ settings, terminal }: CommandSession): readonly string[] {
  return (settings.get('search-path')?.split(',') ?? ['.']).map((root) => resolve(terminal.folder, root.trim()))
}

export function changelogOptions(session: CommandSession, flags: Flags): ChangelogOptions {
  const { settings, terminal } = session
  const roots = rootsOf(session)
  const contexts = settings.get('contexts')
  const labelFilter = settings.get('label-filter')
  const duplicates = settings.choose('duplicate-file-mode', ['ERROR', 'WARN', 'INFO', 'DEBUG', 'SILENT'], 'ERROR')
  return {
    files: tunedForSize(
      folderSource(roots, { duplicates: duplicates === 'ERROR' ? 'refuse' : 'first' }),
      setFlagsFromString,
    ),
    changelogFile: withinRoots(settings.require('changelog-file'), roots),
    ...(contexts === undefined ? {} : { contexts }),
    ...(labelFilter === undefined ? {} : { labelFilter }),
    parameters: {
      ...definitions(settings.get('changelog-parameters')?.split(',') ?? [], '--changelog-parameters '),
      ...definitions(flags['define'], '-D'),
    },
    defaults: settings.parameters,
    environment: withoutSecrets(terminal.environment),
    rawDateValue: settings.choose('checksum-compatibility', ['4.33', 'other'], 'other') === '4.33',
    reading: {
      changeLogParseMode: settings.choose('changelog-parse-mode', ['STRICT', 'LAX'], 'STRICT'),
      onMissingIncludeChangelog: settings.choose('on-missing-include-changelog', ['FAIL', 'WARN'], 'FAIL'),
      errorOnCircularIncludeAll: settings.isOn('error-on-circular-include-all', true),
      allowDuplicatedChangesetIdentifiers: settings.isOn('allow-duplicated-changeset-identifiers', false),
      strict: settings.isOn('strict', false),
      fileEncoding: encodingOf(settings),
      missingPropertyMode: settings.choose('missing-property-mode', ['PRESERVE', 'EMPTY', 'ERROR'], 'PRESERVE'),
      supportPropertyEscaping: settings.isOn('support-property-escaping', false),
    },
  }
}

/** A name that the platform knows; `OS` of the original engine is UTF-8 on every machine that this runs on. */
function encodingOf(settings: Settings): string {
  const name = settings.get('file-encoding') ?? 'UTF-8'
  if (name.toUpperCase() === 'OS') return 'utf-8'
  try {
    return new TextDecoder(name).encoding === 'windows-1252' ? name.toLowerCase() : new TextDecoder(name).encoding
  } catch (cause) {
    throw new Fault('usage', `--file-encoding ${name} is not known.`, {
      hint: 'Use a name such as UTF-8 or ISO-8859-1.',
      cause,
    })
  }
}

/** FILENAME of the history must not depend on where the checkout lies, so an absolute path is made relative to the search path. */
function withinRoots(file: string, roots: readonly string[]): string {
  const path = file.replace(/^classpath:\/*/, '').replaceAll('\\', '/')
  // What leads out is refused by the source, with its reason.
  if (!isAbsolute(file) && !isAbsolute(path)) return posix.normalize(path)
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

function definitions(values: unknown, flag: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const value of Array.isArray(values) ? (values as readonly string[]) : []) {
    const at = value.indexOf('=')
    if (at <= 0) throw new Fault('usage', `${flag}${value} is not a property.`, { hint: `Write ${flag}name=value.` })
    found[value.slice(0, at).trim()] = value.slice(at + 1)
  }
  return found
}
