// Where a setting comes from, with Liquibase's precedence: flag, property of the command line, environment, defaults file.
import { Fault } from '#contract/fault'
import type { Terminal } from '../terminal.ts'
import { notesOnEnvironment, readDefaults, settingsAmong } from './defaults.ts'
import { canonicalName, spellingsOf } from './name.ts'
import { settingTable } from './setting-table.ts'

export interface Settings {
  /** By flag name, for example `changelog-file`. Empty text counts as not set. */
  readonly get: (name: string) => string | undefined
  /** Fault `usage` that says all the ways to set it. */
  readonly require: (name: string) => string
  /** Fault `usage` for a value that is neither yes nor no. */
  readonly isOn: (name: string, preset: boolean) => boolean
  /** In the letter case of `choices`, whatever that of the value; Fault `usage` that lists them for any other. */
  readonly choose: <const T extends string>(name: string, choices: readonly T[], preset: T) => T
  /** A number that is not negative; Fault `usage` for anything else. */
  readonly number: (name: string, preset: number) => number
  /** `parameter.name` lines of the defaults file. */
  readonly parameters: Readonly<Record<string, string>>
  /** What defaults file, environment and properties say to no effect, one line each. */
  readonly notes: readonly string[]
}

export type Flags = Readonly<Record<string, unknown>>

/** Fault `usage` when the defaults file cannot be read, `not-offered` for a setting that would change results and is not there. */
export async function readSettings(command: string, flags: Flags, terminal: Terminal): Promise<Settings> {
  const { environment } = terminal
  const file = textFlag(flags, 'defaults-file') ?? environment['LIQUIBASE_DEFAULTS_FILE']
  const defaults = await readDefaults(command, file, terminal)
  const defined = settingsAmong(command, Array.isArray(flags['define']) ? flags['define'].map(String) : [])
  const get = (name: string): string | undefined =>
    textFlag(flags, name) ||
    defined.settings.get(name) ||
    fromEnvironment(environment, command, name) ||
    defaults.settings.get(name) ||
    undefined
  const notes = [...defined.notes, ...notesOnEnvironment(environment), ...defaults.notes]
  const settings = { ...accessTo(get), parameters: defaults.parameters, notes }
  refuseUnoffered(settings)
  if (settings.isOn('strict', false) && defaults.unknown.length > 0) {
    throw new Fault('usage', `The defaults file has unknown keys: ${defaults.unknown.join(', ')}.`, {
      hint: 'Correct them, or take out strict. docs/reference/settings.md has all keys.',
    })
  }
  return settings
}

function accessTo(get: Settings['get']): Omit<Settings, 'parameters' | 'notes'> {
  return {
    get,
    require: (name) => {
      const value = get(name)
      if (value !== undefined) return value
      throw new Fault('usage', `--${name} is missing.`, {
        hint: `Give --${name}, set ${variable('LIQUIBASE_COMMAND', name)}, or write it into liquibase.properties.`,
      })
    },
    isOn: (name, preset) => {
      const value = get(name)
      if (value === undefined) return preset
      if (/^(?:true|on|yes|1)$/i.test(value)) return true
      if (/^(?:false|off|no|0)$/i.test(value)) return false
      throw new Fault('usage', `--${name} ${value} is neither true nor false.`)
    },
    choose: (name, choices, preset) => {
      const value = get(name)
      if (value === undefined) return preset
      const found = choices.find((choice) => choice.toLowerCase() === value.toLowerCase())
      if (found !== undefined) return found
      throw new Fault('usage', `--${name} ${value} is not known.`, { hint: `Use ${choices.join(', ')}.` })
    },
    number: (name, preset) => {
      const text = get(name)
      if (text === undefined) return preset
      const number = Number(text)
      if (Number.isFinite(number) && number >= 0) return number
      throw new Fault('usage', `--${name} ${text} is not a number.`)
    },
  }
}

/** To go on as if they were not set would give another result than was asked for. */
function refuseUnoffered({ get }: Pick<Settings, 'get'>): void {
  for (const { name, effect, preset, summary } of settingTable) {
    if (effect !== 'refused') continue
    const value = get(name)
    if (value === undefined || value.toLowerCase() === preset?.toLowerCase()) continue
    throw new Fault('not-offered', `--${name} ${value}: ${summary}.`, {
      hint: `Take ${name} out of flags, environment and defaults file.`,
    })
  }
}

/** A flag that stands alone means yes. */
function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name.replaceAll(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase())]
  if (value === true) return 'true'
  return typeof value === 'string' ? value : undefined
}

const variable = (prefix: string, name: string): string => `${prefix}_${name.replaceAll(/[- ]/g, '_').toUpperCase()}`

/** The setting of the command wins over that of all commands. Other spellings of the same setting count too. */
function fromEnvironment(environment: Terminal['environment'], command: string, name: string): string | undefined {
  for (const spelling of spellingsOf(canonicalName(name))) {
    const value =
      environment[variable(variable('LIQUIBASE_COMMAND', command), spelling)] ??
      environment[variable('LIQUIBASE_COMMAND', spelling)] ??
      environment[variable('LIQUIBASE', spelling)]
    if (value) return value
  }
  return undefined
}
