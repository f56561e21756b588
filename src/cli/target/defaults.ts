// The defaults file: liquibase.properties, and liquibase.local.properties beside it, which wins.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { nearest } from '#contract/spelling'
import { Fault } from '#contract/fault'
import type { Terminal } from '../terminal.ts'
import { canonicalName, commandName, spellingsOf } from './name.ts'
import { parseProperties } from './properties.ts'
import { isCommercial, settingNamed, settingTable } from './setting-table.ts'

export interface Defaults {
  readonly settings: ReadonlyMap<string, string>
  /** `parameter.name` lines. */
  readonly parameters: Readonly<Record<string, string>>
  /** Keys that nothing reads, as written. */
  readonly unknown: readonly string[]
  /** Lines for the log about what is in the file to no effect. */
  readonly notes: readonly string[]
}

/** Without a name the file of the working directory, if there is one. Fault `usage` when one that is named cannot be read. */
export async function readDefaults(command: string, name: string | undefined, terminal: Terminal): Promise<Defaults> {
  const file = name ?? 'liquibase.properties'
  const text = await readText(resolve(terminal.folder, file))
  if (text instanceof Error && name !== undefined) {
    throw new Fault('usage', `The defaults file ${name} cannot be read.`, {
      hint: 'Check --defaults-file.',
      cause: text,
    })
  }
  const local = await readText(resolve(terminal.folder, file.replace(/(\.[^./\\]*)?$/, '.local$1')))
  const reading = new Reading(command)
  for (const one of [text, local]) {
    if (typeof one === 'string') reading.take(parseProperties(one))
  }
  return { ...reading.defaults, notes: notesOf(file, reading) }
}

/** Settings among properties of the command line, `-Dliquibase.command.url=…`, which the original engine takes as such, too. */
export function settingsAmong(command: string, definitions: readonly string[]): Pick<Defaults, 'settings' | 'notes'> {
  const reading = new Reading(command)
  reading.take(
    definitions.flatMap((definition) => {
      const [, key, value] = /^(liquibase\.[^=]+)=([\s\S]*)$/i.exec(definition) ?? []
      return key === undefined || value === undefined ? [] : [[key, value] as const]
    }),
  )
  return { settings: reading.settings, notes: notesOf('-D', reading) }
}

/** Variables that look like settings and are none, one line each. */
export function notesOnEnvironment(environment: Terminal['environment']): readonly string[] {
  const known = settingTable.flatMap(({ name }) => spellingsOf(name)).map(variableOf)
  return Object.keys(environment).flatMap((variable) => {
    const [, command, name] = /^LIQUIBASE_(COMMAND_)?(.+)$/.exec(variable) ?? []
    if (name === undefined || /^(?:EXECUTION_|HOME$|DEFAULTS_FILE$|OPTS$|LAUNCHER_|VERSION$)/.test(name)) return []
    // The name of a command may stand between.
    const isKnown = known.some((one) => name === one || (command !== undefined && name.endsWith(`_${one}`)))
    if (isKnown || isCommercial(name.toLowerCase().replaceAll('_', '-'))) return []
    const near = nearest(name, known)
    const meant = near === undefined ? '' : `; is LIQUIBASE_${command ?? ''}${near} meant?`
    return [`note: nothing reads the variable ${variable}${meant}`]
  })
}

const variableOf = (name: string): string => name.replaceAll(/[- ]/g, '_').toUpperCase()

async function readText(path: string): Promise<string | Error> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    return error as Error
  }
}

class Reading {
  readonly settings = new Map<string, string>()
  readonly parameters: Record<string, string> = {}
  readonly unknown: string[] = []
  readonly idle: string[] = []
  private readonly command: string

  constructor(command: string) {
    this.command = command
  }

  get defaults(): Omit<Defaults, 'notes'> {
    const { settings, parameters, unknown } = this
    return { settings, parameters, unknown }
  }

  take(pairs: Iterable<readonly [key: string, value: string]>): void {
    // The more specific form wins whatever the order of lines.
    const ranked = new Map<string, number>()
    for (const [key, value] of pairs) {
      const parameter = /^(?:liquibase\.)?parameter\.(.+)$/i.exec(key)?.[1]
      if (parameter === undefined) this.takeSetting(key, value.trim(), ranked)
      else this.parameters[parameter] = value.trim()
    }
  }

  private takeSetting(key: string, value: string, ranked: Map<string, number>): void {
    const { flag, command, rank } = nameOf(key)
    if (command !== undefined && command !== this.command) return
    if (settingNamed(flag)?.effect === 'no-meaning' || isCommercial(flag)) this.idle.push(key)
    else if (settingNamed(flag) === undefined) this.unknown.push(key)
    if ((ranked.get(flag) ?? 0) > rank) return
    ranked.set(flag, rank)
    this.settings.set(flag, value)
  }
}

/** `url`, `liquibase.url`, `liquibase.command.url`, `liquibase.command.update.url`, `liquibase.sql.logLevel`. */
function nameOf(key: string): { readonly flag: string; readonly command: string | undefined; readonly rank: number } {
  const parts = key.replace(/^liquibase\./i, '').split('.')
  if (parts[0]?.toLowerCase() !== 'command')
    return { flag: canonicalName(parts.join('-')), command: undefined, rank: 1 }
  const flag = canonicalName(parts.at(-1) ?? '')
  if (parts.length === 2) return { flag, command: undefined, rank: 2 }
  return { flag, command: parts.slice(1, -1).map(commandName).join(' '), rank: 3 }
}

function notesOf(file: string, { idle, unknown }: Reading): readonly string[] {
  const notes = unknown.map((key) => {
    const near = nearest(
      nameOf(key).flag,
      settingTable.map(({ name }) => name),
    )
    return `note: ${file}: nothing reads the key ${key}${near === undefined ? '' : `; is ${near} meant?`}`
  })
  if (idle.length > 0) notes.push(`note: ${file}: without meaning for Sluice: ${idle.join(', ')}`)
  return notes
}
