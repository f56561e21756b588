// Where a setting comes from, with Liquibase's precedence: flag, environment, defaults file.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Fault } from '#contract/fault'
import type { Terminal } from '../terminal.ts'
import { canonicalName } from './flag.ts'
import { parseProperties } from './properties.ts'

export interface Settings {
  /** By flag name, for example `changelog-file`. Empty text counts as not set. */
  readonly get: (name: string) => string | undefined
  /** Fault `usage` that says all the ways to set it. */
  readonly require: (name: string) => string
  /** `parameter.name` lines of the defaults file. */
  readonly parameters: Readonly<Record<string, string>>
}

export type Flags = Readonly<Record<string, unknown>>

export async function readSettings(command: string, flags: Flags, terminal: Terminal): Promise<Settings> {
  const { environment } = terminal
  const file = textFlag(flags, 'defaults-file') ?? environment['LIQUIBASE_DEFAULTS_FILE']
  const defaults = await readDefaults(command, file, terminal)
  const get = (name: string): string | undefined =>
    textFlag(flags, name) || fromEnvironment(environment, command, name) || defaults.settings.get(name) || undefined
  return {
    get,
    require: (name) => {
      const value = get(name)
      if (value !== undefined) return value
      throw new Fault('usage', `--${name} is missing.`, {
        hint: `Give --${name}, set ${variable('LIQUIBASE_COMMAND', name)}, or write it into liquibase.properties.`,
      })
    },
    parameters: defaults.parameters,
  }
}

function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name.replaceAll(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase())]
  return typeof value === 'string' ? value : undefined
}

const variable = (prefix: string, name: string): string => `${prefix}_${name.replaceAll('-', '_').toUpperCase()}`

/** The setting of the command wins over that of all commands. Other spellings of the same setting count too. */
function fromEnvironment(environment: Terminal['environment'], command: string, name: string): string | undefined {
  for (const spelling of spellings(name)) {
    const value =
      environment[variable(variable('LIQUIBASE_COMMAND', command), spelling)] ??
      environment[variable('LIQUIBASE_COMMAND', spelling)] ??
      environment[variable('LIQUIBASE', spelling)]
    if (value) return value
  }
  return undefined
}

function spellings(name: string): readonly string[] {
  if (name === 'contexts') return ['context-filter', 'contexts']
  if (name === 'label-filter') return ['label-filter', 'labels']
  return [name]
}

interface Defaults {
  readonly settings: ReadonlyMap<string, string>
  readonly parameters: Readonly<Record<string, string>>
}

/** Without a name the file of the working directory, if there is one. */
async function readDefaults(command: string, name: string | undefined, terminal: Terminal): Promise<Defaults> {
  let text: string
  try {
    text = await readFile(resolve(terminal.folder, name ?? 'liquibase.properties'), 'utf8')
  } catch (cause) {
    if (name === undefined) return { settings: new Map(), parameters: {} }
    throw new Fault('usage', `The defaults file ${name} cannot be read.`, { hint: 'Check --defaults-file.', cause })
  }
  const settings = new Map<string, string>()
  const parameters: Record<string, string> = {}
  // The more specific form wins whatever the order of lines.
  const ranked = new Map<string, number>()
  for (const [key, value] of parseProperties(text)) {
    const parameter = /^(?:liquibase\.)?parameter\.(.+)$/i.exec(key)?.[1]
    if (parameter !== undefined) {
      parameters[parameter] = value.trim()
      continue
    }
    const parts = key.replace(/^liquibase\./i, '').split('.')
    const specific = parts.length === 3 && parts[0]?.toLowerCase() === 'command'
    if (specific && canonicalName(parts[1] ?? '') !== command) continue
    const flag = canonicalName(parts.at(-1) ?? '')
    if ((ranked.get(flag) ?? 0) > parts.length) continue
    ranked.set(flag, parts.length)
    settings.set(flag, value.trim())
  }
  return { settings, parameters }
}
