// Opens what a command works with. The caller closes it.
import { changeTypeNames } from '#change/registry'
import { readChangelog } from '#changelog/read'
import { hasErrors } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { dialectFor, openDatabase } from '#database/open'
import type { Database, HistoryNames } from '#database/port'
import { changelogFault } from './change-set/finding.ts'
import type { ChangelogOptions, EngineContext, EngineOptions, TargetContext, TargetOptions } from './context.ts'
import { type History, readHistory } from './history/table.ts'

const defaultLockWait = { patience: 300_000, interval: 1000 } as const

/** Opens the database. Faults: those of `openDatabase`. */
export async function openTarget(options: TargetOptions, signal?: AbortSignal): Promise<TargetContext> {
  const notice = (text: string): void => options.log(text)
  const database = await openDatabase({ notice, ...options.connection }, signal)
  return targetOf({ ...options, database })
}

/**
 * Opens the database and reads the changelog for it. Faults: those of `openDatabase`, `changelog-not-found`, and
 * `changelog-invalid` with every diagnostic. Closes the database again when it raises one.
 */
export async function openContext(options: EngineOptions, signal?: AbortSignal): Promise<EngineContext> {
  await findChangelog(options)
  const target = await openTarget(options, signal)
  try {
    return await withChangelog(target, await readHistory(target, signal), options, signal)
  } catch (error) {
    await target.close()
    throw error
  }
}

/** An open database of somebody else. */
export interface OpenTarget {
  readonly database: Database
  readonly history?: Partial<HistoryNames>
  readonly host: string
  readonly run: string
  readonly clock: () => number
  readonly log: (line: string) => void
  readonly lockWait?: TargetOptions['lockWait']
  readonly outputDefaultSchema?: boolean
}

export async function contextOf(
  open: OpenTarget,
  options: ChangelogOptions,
  signal?: AbortSignal,
): Promise<EngineContext> {
  const target = targetOf(open)
  return await withChangelog(target, await readHistory(target, signal), options, signal)
}

export function targetOf(open: OpenTarget): TargetContext {
  const { history, host, run, clock, log, lockWait } = open
  const database = (open.outputDefaultSchema ?? true) ? withSchemaNames(open.database) : open.database
  return {
    database,
    names: {
      schemaName: history?.schemaName ?? database.defaultSchemaName,
      changelogTable: history?.changelogTable ?? 'DATABASECHANGELOG',
      lockTable: history?.lockTable ?? 'DATABASECHANGELOGLOCK',
    },
    host,
    run,
    clock,
    log,
    lockWait: lockWait ?? defaultLockWait,
    deploymentId: String(clock()).slice(-10),
    close: async () => await database.close(),
  }
}

/** Objects without a schema of their own are written with the default one, as the original engine does. */
function withSchemaNames(database: Database): Database {
  const { dialect, defaultSchemaName } = database
  const { write } = dialectFor(dialect.shortName, { outputSchemaName: defaultSchemaName })
  return { ...database, dialect: { ...dialect, write } }
}

/** Before a connection is tried: a wrong path is told at once. */
async function findChangelog({ files, changelogFile }: ChangelogOptions): Promise<void> {
  if ((await files.read(changelogFile)) !== undefined) return
  throw new Fault('changelog-not-found', `There is no changelog file ${changelogFile} on the search path.`)
}

/** `history` tells which old identities are recorded; the context does not keep it. */
export async function withChangelog(
  target: TargetContext,
  history: History,
  options: ChangelogOptions,
  signal?: AbortSignal,
): Promise<EngineContext> {
  const contexts = options.contexts ?? ''
  const labelFilter = options.labelFilter ?? ''
  const { changelog, diagnostics, expanderFor } = await readChangelog(
    {
      files: options.files,
      file: options.changelogFile,
      database: target.database.facts,
      contexts,
      labelFilter,
      parameters: options.parameters ?? {},
      ...(options.environment === undefined ? {} : { environment: options.environment }),
      ...(options.defaults === undefined ? {} : { defaults: options.defaults }),
      knownChangeTypes: changeTypeNames,
      isRecorded: (identity) => history.find(identity) !== undefined,
    },
    signal,
  )
  if (changelog === undefined || hasErrors(diagnostics)) throw changelogFault(diagnostics)
  return {
    ...target,
    files: options.files,
    changelog,
    contexts,
    labelFilter,
    warnings: diagnostics.filter((diagnostic) => diagnostic.severity !== 'error'),
    expanderFor,
  }
}
