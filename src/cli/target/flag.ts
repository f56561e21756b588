// The flags that commands against a database share, under the names that Liquibase users know.
import { type Command, Option } from 'commander'
import { canonicalName, commandName } from './name.ts'
import { settingNamed, settingTable } from './setting-table.ts'

export interface Arguments {
  readonly args: readonly string[]
  /** Flags that were left out, for a note in the log. */
  readonly ignored: readonly string[]
}

/**
 * Brings arguments into the one form that the commands read: the command first (global flags of Liquibase stand before it),
 * `--changeLogFile` as `--changelog-file`, `-Dname=value` untouched. Flags without meaning are left out and named.
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
    if (settingNamed(name)?.effect === 'no-meaning') {
      ignored.push(`--${name}`)
      if (flag[2] === undefined && takesNext(name, ordered[index + 1])) index += 1
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
    if (isFlag && takesNext(canonicalName(argument.slice(2)), raw[index + 1])) index += 1
  }
  return -1
}

/** Whether the argument after a flag is its value; one that says yes or no may stand alone. */
function takesNext(name: string, next: string | undefined): boolean {
  if (next === undefined || next.startsWith('-') || name === 'help' || name === 'version') return false
  return settingNamed(name)?.value !== 'boolean' || /^(?:true|false|on|off|yes|no)$/i.test(next)
}

export function addTargetFlags(command: Command): Command {
  command
    .option('--url <jdbc url>', 'database, e.g. jdbc:postgresql://host:5432/shop')
    .option('--username <name>', 'database user')
    .option('--password <text>', 'its password; better: SLUICE_PASSWORD or --password-file')
    .option('--password-file <file>', 'file that holds the password')
    .option('--default-schema-name <name>', 'schema for objects without one, and for the history tables')
    .addOption(new Option('--default-catalog-name <name>', 'the same on MySQL and MariaDB').hideHelp())
    .option('--liquibase-schema-name <name>', 'schema of the history tables')
    .option('--lock-wait <seconds>', 'how long to wait for a lock that another run holds (default: 300)')
  return addGlobalFlags(command)
}

/** Those of every command; the less usual ones are in docs/reference/settings.md only. */
export function addGlobalFlags(command: Command): Command {
  command
    .option('--defaults-file <file>', 'settings in the form of liquibase.properties (default: liquibase.properties)')
    .option('--output-file <file>', 'write there what would go to standard output')
    .option('--log-level <level>', 'off, severe, warning, info, fine')
  const given = new Set(command.options.map((option) => option.long))
  for (const { name, value, effect, scope, summary } of settingTable) {
    if (scope !== 'global' || effect === 'no-meaning' || given.has(`--${name}`)) continue
    command.addOption(new Option(`--${name} ${value === 'boolean' ? '[yes]' : '<value>'}`, summary).hideHelp())
  }
  return command
}

export function addChangelogFlags(command: Command): Command {
  command
    .option('--changelog-file <path>', 'root changelog, relative to the search path')
    .option('--contexts <expression>', 'contexts to run; also --context-filter')
    .option('--label-filter <expression>', 'labels to run; also --labels')
    .option('-D, --define <name=value>', 'changelog property; may be repeated', collect)
    .addOption(new Option('--changelog-parameters <list>', 'the same as a list name=value,name=value').hideHelp())
  const searchPath = command.options.find((option) => option.long === '--search-path')?.hideHelp(false)
  if (searchPath) searchPath.flags = '--search-path <folders>'
  return command
}

export function addFormatFlag(command: Command): Command {
  return command.option('--format <form>', 'text or json')
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}
