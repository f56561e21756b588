// The contract of the stock Liquibase plugin images (wire contract 5): a step as PLUGIN_* variables, and what its output file says.
// Such an image runs one command; it exits with 0 whatever happened, and only `exit_code` in its output file tells the truth.
import type { PipelineTarget } from './step-spec.ts'
import { storedZstandard } from './zstandard.ts'

/** Where the image finds and leaves things. */
export interface StockPlace {
  /** Folder with the changelog, as the container sees it: the search path. */
  readonly source: string
  /** Path of the file that $DRONE_OUTPUT names. */
  readonly output: string
  /** Path that SQL is written to, for steps that only show it. */
  readonly sqlFile: string
}
export interface StockCredentials {
  readonly username?: string | undefined
  readonly password?: string | undefined
}

/** One run of the container. */
export interface StockRun {
  readonly command: string
  readonly environment: Readonly<Record<string, string>>
  /** Names in `environment` whose values are secret, or may hold some. The image takes them in no other way. */
  readonly secretNames: readonly string[]
  /** It may change the database: without a result its outcome is unknown. */
  readonly changes: boolean
  /** What is run, and must succeed, after it has failed; the step fails all the same. */
  readonly onFailure?: StockRun
}

/** `changelog-file` → `PLUGIN_LIQUIBASE_CHANGELOG_FILE`. The image turns it into `--changelog-file`. */
export const optionVariable = (option: string): string =>
  `PLUGIN_LIQUIBASE_${option.replaceAll('-', '_').toUpperCase()}`

interface Command {
  readonly command: string
  readonly options: Readonly<Record<string, string>>
  readonly changes: boolean
  readonly onFailure?: Command
}

/** The commands of a step, in order; each only when the one before succeeded. Empty for a step that only our own engine can do. */
function commandsOf(work: PipelineTarget, sqlFile: string): readonly Command[] {
  const tag = (name: string): Command => ({ command: 'tag', options: { tag: name }, changes: true })
  if (work.type === 'Reconcile' || work.type === 'LiquibaseCommand' || work.type === 'DBTestAndPreview') return []
  if (work.type === 'DBSchemaApply')
    return [
      // The image makes no anchor by itself: its rollback goes back to a tag, so there must be one before.
      ...(work.preStartTag === '' ? [] : [tag(work.preStartTag)]),
      updateOf(work),
      ...(work.tag === undefined ? [] : [tag(work.tag)]),
    ]
  if (work.type === 'DBSchemaUpdateSQL')
    return [{ command: 'update-sql', options: { 'output-file': sqlFile }, changes: false }]
  if (work.type === 'DBSchemaRollback') return [{ ...backTo(work, ''), changes: true }]
  const { command, options } = backTo(work, '-sql')
  return [{ command, options: { ...options, 'output-file': sqlFile }, changes: false }]
}

function updateOf(work: Extract<PipelineTarget, { readonly type: 'DBSchemaApply' }>): Command {
  const { count, toTag, testRollback, recordFailed } = work
  const tag: Readonly<Record<string, string>> = toTag === undefined ? {} : { tag: toTag }
  const mark = { command: 'mark-next-changeset-ran', options: {}, changes: true }
  const rest = { changes: true, ...(recordFailed ? { onFailure: mark } : {}) }
  if (testRollback) return { command: 'update-testing-rollback', options: tag, ...rest }
  if (count !== undefined) return { command: 'update-count', options: { count: String(count) }, ...rest }
  return { command: toTag === undefined ? 'update' : 'update-to-tag', options: tag, ...rest }
}

function backTo(
  work: {
    readonly tag?: string | undefined
    readonly changeSetCount?: number | undefined
    readonly date?: string | undefined
  },
  suffix: string,
): Omit<Command, 'changes'> {
  if (work.date !== undefined) return { command: `rollback-to-date${suffix}`, options: { date: work.date } }
  return work.tag === undefined
    ? { command: `rollback-count${suffix}`, options: { count: String(work.changeSetCount ?? 1) } }
    : { command: `rollback${suffix}`, options: { tag: work.tag } }
}

/**
 * The runs that do a step in a stock image. `properties`: substitution properties with their secrets opened. Options of the command
 * line and of the whole program need no telling apart here: the image has a list of the latter.
 */
export function stockRuns(
  work: PipelineTarget,
  place: StockPlace,
  credentials: StockCredentials,
  properties: Readonly<Record<string, string>>,
): readonly StockRun[] {
  const needsChangelog = (command: string): boolean => command !== 'tag'
  const runOf = ({ command, options, changes, onFailure }: Command): StockRun => {
    const given: Record<string, string | undefined> = {
      url: work.connection.url,
      username: credentials.username,
      password: credentials.password,
      ...(needsChangelog(command)
        ? {
            'changelog-file': work.source.path,
            'search-path': place.source,
            'context-filter': work.contexts === '' ? undefined : work.contexts,
            'label-filter': work.labelFilter === '' ? undefined : work.labelFilter,
          }
        : {}),
      ...options,
    }
    const variables = Object.entries(given).flatMap(([option, value]) =>
      value === undefined ? [] : [[optionVariable(option), value] as const],
    )
    const substitute: Record<string, string> =
      needsChangelog(command) && Object.keys(properties).length > 0
        ? { PLUGIN_SUBSTITUTE_LIQUIBASE: Buffer.from(storedZstandard(JSON.stringify(properties))).toString('base64') }
        : {}
    const environment: Record<string, string> = {
      ...work.environment,
      PLUGIN_COMMAND: command,
      DRONE_OUTPUT: place.output,
      ...Object.fromEntries(variables),
      ...substitute,
    }
    const secret = [optionVariable('username'), optionVariable('password'), 'PLUGIN_SUBSTITUTE_LIQUIBASE']
    const secretNames = secret.filter((name) => name in environment)
    return { command, environment, changes, secretNames, ...(onFailure ? { onFailure: runOf(onFailure) } : {}) }
  }
  return commandsOf(work, place.sqlFile).map(runOf)
}

export interface StockOutput {
  /** Of the tool; undefined when the file does not say, or says two things. */
  readonly exitCode: number | undefined
  /** What the image's extension wrote about the step, if anything. */
  readonly stepOutput: unknown
}

/** Reads `name=value` lines of $DRONE_OUTPUT. Lines that are none are left out. */
export function readStockOutput(text: string): StockOutput {
  const values = new Map<string, Set<string>>()
  for (const line of text.split(/\r?\n/)) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    values.set(name, (values.get(name) ?? new Set()).add(value.trim()))
  }
  const codes = [...(values.get('exit_code') ?? [])]
  const [code] = codes
  const exitCode = codes.length === 1 && code !== undefined && /^\d{1,3}$/.test(code) ? Number(code) : undefined
  const [output] = values.get('step_output') ?? []
  return { exitCode, stepOutput: output === undefined ? undefined : parsed(output) }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

export type StockVerdict =
  | { readonly outcome: 'success' }
  | { readonly outcome: 'failure'; readonly because: string }
  | { readonly outcome: 'unknown'; readonly because: string }

/**
 * What happened. `exitStatus`: of the container, undefined when nobody knows. Its 0 proves nothing; without `exit_code` a run that
 * may change a database is unknown, never a success.
 */
export function judgeStockRun(
  run: Pick<StockRun, 'changes'>,
  exitStatus: number | undefined,
  output: string,
): StockVerdict {
  const { exitCode } = readStockOutput(output)
  if (exitCode !== undefined && exitCode !== 0)
    return { outcome: 'failure', because: `the tool ended with exit code ${exitCode}` }
  if (exitCode === 0 && exitStatus === 0) return { outcome: 'success' }
  const because =
    exitCode === undefined
      ? `the image wrote no exit_code, and its container ended with ${exitStatus ?? 'nothing known'}`
      : `the tool ended well, but the container with ${exitStatus ?? 'nothing known'}`
  return { outcome: run.changes ? 'unknown' : 'failure', because }
}
