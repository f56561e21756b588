// `update` that remembers when there was nothing to do. Most updates find what they found the last time: with the same files, the
// same history, the same settings and the same program the answer is the same, and comparing digests is all it takes. Anything
// that differs, or that cannot be told, means the whole work again; what is remembered is never more than "nothing to do".
import { createHash } from 'node:crypto'
import { type Diagnostic, formatDiagnostic } from '#contract/diagnostic'
import type { ChangelogOptions, TargetContext } from '../context.ts'
import { checkDigest, digestOf } from '../digest.ts'
import { historyTable, readHistory } from '../history/table.ts'
import { readJournal } from '../journal/table.ts'
import { clearDeadLock } from '../lock/acquire.ts'
import { withChangelog } from '../open.ts'
import type { Filtered, ProgressListener } from '../plan.ts'
import type { UpdateOptions, UpdateResult } from '../update.ts'
import { type Look, looksTheSame, namesIn, traced } from './trace.ts'

/** Where texts are kept between runs. Neither call fails: what cannot be read is undefined, what cannot be kept is not. */
export interface Memory {
  read(key: string): Promise<string | undefined>
  write(key: string, text: string): Promise<void>
  /** Identifies the program, so that another version never believes what this one kept. */
  readonly program: string
}

interface Remembered {
  readonly looks: readonly Look[]
  readonly history: string
  /** Names of properties that the files may ask for, and the digest of their values from outside. */
  readonly properties: readonly string[]
  readonly outside: string
  readonly filtered: readonly Filtered[]
  readonly alreadyRan: number
  readonly warnings: readonly Diagnostic[]
}

/** More is not worth remembering. */
const mostFiltered = 20_000

/** As `update` with no other option over a changelog that is read here; the warnings of reading go to the log. Faults as both. */
export async function updateWithMemory(
  target: TargetContext,
  options: ChangelogOptions,
  memory: Memory,
  approved: Pick<UpdateOptions, 'approvedDigest'>,
  listener: ProgressListener,
  signal?: AbortSignal,
): Promise<UpdateResult> {
  const key = keyOf(target, options, memory)
  const before = await historyDigest(target, signal)
  const known = parse(await memory.read(key))
  // What was interrupted is for the whole way to judge.
  const isQuiet = (await readJournal(target, signal)).length === 0
  if (isQuiet && known?.history === before && (await stillHolds(known, options, signal))) {
    for (const warning of known.warnings) target.log(formatDiagnostic(warning))
    const result = idleResult(known)
    checkDigest(result.plan, approved.approvedDigest)
    await clearDeadLock(target, signal)
    return result
  }
  const { update } = await import('../update.ts')
  const trace = traced(options.files)
  const history = await readHistory(target, signal)
  const context = await withChangelog(target, history, { ...options, files: trace.files }, signal)
  for (const warning of context.warnings) target.log(formatDiagnostic(warning))
  const result = await update(context, { ...approved, history }, listener, signal)
  const { plan } = result
  const isIdle = plan.steps.length === 0 && plan.checksumUpgrades.length === 0
  const properties = trace.properties()
  // Preconditions of a changelog are asked at each run, whatever is to be done.
  if (!isIdle || properties === undefined || context.changelog.preconditions !== undefined) return result
  if (plan.filtered.length > mostFiltered || (await historyDigest(target, signal)) !== before) return result
  const outside = outsideDigest(properties, options)
  if (outside === undefined) return result
  const remembered: Remembered = {
    looks: trace.looks(),
    history: before,
    properties,
    outside,
    filtered: plan.filtered.map(({ changeSet: { path, id, author, dbms }, ...rest }) => ({
      changeSet: { path, id, author, dbms },
      ...rest,
    })),
    alreadyRan: plan.alreadyRan,
    warnings: context.warnings,
  }
  await memory.write(key, JSON.stringify(remembered))
  return result
}

async function stillHolds(known: Remembered, options: ChangelogOptions, signal?: AbortSignal): Promise<boolean> {
  if (outsideDigest(known.properties, options) !== known.outside) return false
  return await looksTheSame(options.files, known.looks, signal)
}

function idleResult({ filtered, alreadyRan }: Remembered): UpdateResult {
  const plan = { steps: [], digest: digestOf([]), checksumUpgrades: [], filtered, alreadyRan }
  return { plan, ran: 0, markedRan: 0, skipped: 0, rowsAffected: 0, preStartTag: undefined }
}

/** Everything that decides about the answer but files, history and the environment. */
function keyOf(target: TargetContext, options: ChangelogOptions, memory: Memory): string {
  const { files: _files, environment: _environment, ...rest } = options
  const { database, names } = target
  const { facts, user, url } = database
  return sha256(JSON.stringify([memory.program, url, user, facts, names, rest]))
}

/**
 * Over the values that the environment has for the names; undefined when a value asks for further ones, or when a name stands for
 * something that differs from run to run. Parameters and defaults are part of the key.
 */
function outsideDigest(names: readonly string[], options: ChangelogOptions): string | undefined {
  const given = [...Object.values(options.parameters ?? {}), ...Object.values(options.defaults ?? {})]
  const all = new Set(names)
  if (!given.every((value) => namesIn(value, all))) return undefined
  const values = new Map(Object.entries(options.environment ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
  const found: (readonly [string, string | undefined])[] = []
  for (const name of [...all].toSorted()) {
    const value = values.get(name)
    if (name.startsWith('liquibase_execution_') || value?.includes('${')) return undefined
    found.push([name, value])
  }
  return sha256(JSON.stringify(found))
}

/** Of all rows, made by the database where it can; they need not travel then. */
async function historyDigest(target: TargetContext, signal?: AbortSignal): Promise<string> {
  const { database, names } = target
  const { dialect, session } = database
  if (dialect.digestOfRows === undefined) return sha256(JSON.stringify((await readHistory(target, signal)).rows))
  if (!(await database.hasTable(names.schemaName, names.changelogTable))) return 'none'
  const { rows } = await session.execute(dialect.digestOfRows(historyTable(target)), [], signal)
  return String(Object.values(rows[0] ?? {})[0])
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The keeper vouches for the text, the key for its form. */
function parse(text: string | undefined): Remembered | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Remembered)
  } catch {
    return undefined
  }
}
