// The flags that commands against a database share, under the names that Liquibase users know.
import type { Command } from 'commander'

/** Names that mean the same as another flag. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['context-filter', 'contexts'],
  ['labels', 'label-filter'],
  ['default-schema', 'default-schema-name'],
  ['change-log-file', 'changelog-file'],
  ['changeset-identifier', 'change-set'],
  ['database-change-log-table-name', 'database-changelog-table-name'],
  ['database-change-log-lock-table-name', 'database-changelog-lock-table-name'],
])

/** Flags that mean something to the original engine only; accepted so that existing scripts run. */
const withoutMeaning: ReadonlySet<string> = new Set([
  'classpath',
  'driver',
  'driver-properties-file',
  'headless',
  'log-file',
  'log-format',
  'show-banner',
  'should-run',
  'strict',
])

/** Shared flags that stand alone; all other shared flags are followed by a value. */
const withoutValue: ReadonlySet<string> = new Set(['help', 'version'])

export interface Arguments {
  readonly args: readonly string[]
  /** Flags that were left out, for a note in the log. */
  readonly ignored: readonly string[]
}

/**
 * Brings arguments into the one form that the commands read: the command first (global flags of Liquibase stand before it),
 * `--changeLogFile` as `--changelog-file`, `-Dname=value` untouched.
 */
export function normaliseArguments(raw: readonly string[], isCommand: (name: string) => boolean): Arguments {
  const command = positionOfCommand(raw, isCommand)
  const ordered = command > 0 ? [raw[command] ?? '', ...raw.slice(0, command), ...raw.slice(command + 1)] : raw
  const args: string[] = []
  const ignored: string[] = []
  for (let index = 0; index < ordered.length; index += 1) {
    const argument = ordered[index] ?? ''
    const flag = /^--([A-Za-z][\w-]*)(=[\s\S]*)?$/.exec(argument)
    if (!flag) {
      args.push(argument)
      continue
    }
    const name = canonicalName(flag[1] ?? '')
    if (withoutMeaning.has(name)) {
      ignored.push(`--${name}`)
      const next = ordered[index + 1]
      if (flag[2] === undefined && next !== undefined && !next.startsWith('-')) index += 1
    } else args.push(`--${name}${flag[2] ?? ''}`)
  }
  return { args, ignored }
}

/** The first argument that names a command and is not the value of the flag before it. */
function positionOfCommand(raw: readonly string[], isCommand: (name: string) => boolean): number {
  for (let index = 0; index < raw.length; index += 1) {
    const argument = raw[index] ?? ''
    if (!argument.startsWith('-')) return isCommand(commandName(argument)) ? index : -1
    const isFlag = argument.startsWith('--') && !argument.includes('=')
    if (isFlag && !withoutValue.has(argument.slice(2))) index += 1
  }
  return -1
}

/** `updateSQL` and `update-sql` are one command. */
export function commandName(text: string): string {
  return kebab(text)
}

/** `changeLogFile`, `changelogFile` and `changelog-file` are one flag. */
export function canonicalName(text: string): string {
  const name = kebab(text)
  return aliases.get(name) ?? name
}

function kebab(text: string): string {
  return text.replaceAll(/([a-z0-9])([A-Z]+)/g, '$1-$2').toLowerCase()
}

export function addTargetFlags(command: Command): Command {
  return command
    .option('--url <jdbc url>', 'database, e.g. jdbc:postgresql://host:5432/shop')
    .option('--username <name>', 'database user')
    .option('--password <text>', 'its password; better: SLUICE_PASSWORD or --password-file')
    .option('--password-file <file>', 'file that holds the password')
    .option('--default-schema-name <name>', 'schema for objects without one, and for the history tables')
    .option('--liquibase-schema-name <name>', 'schema of the history tables')
    .option('--database-changelog-table-name <name>', 'history table instead of DATABASECHANGELOG')
    .option('--database-changelog-lock-table-name <name>', 'lock table instead of DATABASECHANGELOGLOCK')
    .option('--lock-wait <seconds>', 'how long to wait for a lock that another run holds (default: 300)')
    .option('--defaults-file <file>', 'settings in the form of liquibase.properties (default: liquibase.properties)')
    .option('--log-level <level>', 'off, severe, warning, info, fine')
}

export function addChangelogFlags(command: Command): Command {
  return command
    .option('--changelog-file <path>', 'root changelog, relative to the search path')
    .option('--search-path <folders>', 'comma list of folders with changelogs (default: the working directory)')
    .option('--contexts <expression>', 'contexts to run; also --context-filter')
    .option('--label-filter <expression>', 'labels to run; also --labels')
    .option('-D, --define <name=value>', 'changelog property; may be repeated', collect, [])
}

export function addFormatFlag(command: Command): Command {
  return command.option('--format <form>', 'text or json')
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}
