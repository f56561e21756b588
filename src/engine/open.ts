// Opens what a command works with. The caller closes it.
import { hasErrors } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { withHistoryNames } from '#database/facts'
import { openDatabase } from '#database/open'
import type { BulkRows, Database, Session } from '#database/port'
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

/** As `openContext`, but the changelog is left for later. */
export async function openForChangelog(options: EngineOptions, signal?: AbortSignal): Promise<TargetContext> {
  await findChangelog(options)
  return await openTarget(options, signal)
}

/** An open database of somebody else. */
export interface OpenTarget extends Omit<TargetOptions, 'connection'> {
  readonly database: Database
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
  const database = adapted(open.database, open)
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
    suppressHistorySql: open.suppressHistorySql ?? false,
    deploymentId: String(clock()).slice(-10),
    close: async () => await database.close(),
  }
}

/** The database as the options of a run want it: each is a layer around what is there. */
function adapted(database: Database, options: Omit<OpenTarget, 'database'>): Database {
  let result = (options.outputDefaultSchema ?? true) ? withSchemaNames(database) : database
  if (options.alwaysDropInsteadOfReplace ?? false) result = withDroppedViews(result)
  if (options.onStatement !== undefined) result = withToldStatements(result, options.onStatement)
  return result
}

function withDroppedViews(database: Database): Database {
  const { write } = database.dialect
  const writeAnew: typeof write = (statement, quoting) => {
    if (statement.type !== 'create-view' || !statement.replace || statement.fullDefinition) {
      return write(statement, quoting)
    }
    const drop = write({ type: 'drop-view', view: statement.view, ifExists: true }, quoting)
    return [...drop, ...write({ ...statement, replace: false }, quoting)]
  }
  return { ...database, dialect: { ...database.dialect, write: writeAnew } }
}

function withToldStatements(database: Database, tell: (sql: string) => void): Database {
  const session = new Proxy(database.session, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...input: unknown[]): unknown => {
        if (name === 'execute') tell(String(input[0]))
        if (name === 'transaction' || name === 'queries' || name === 'commitTogether')
          for (const sql of input[0] as readonly string[]) tell(sql)
        const outcome: unknown = Reflect.apply(member, target, input)
        return name === 'load' ? tellLoad(outcome as LoadResult, input[0] as readonly BulkRows[], tell) : outcome
      }
    },
  })
  return { ...database, session }
}

type LoadResult = ReturnType<NonNullable<Session['load']>>

/** In words: the rows themselves are in a file of the user. Nothing when statements will do it instead. */
async function tellLoad(
  outcome: LoadResult,
  parts: readonly BulkRows[],
  tell: (sql: string) => void,
): Promise<Awaited<LoadResult>> {
  const result = await outcome
  const count = parts.reduce((sum, { rows }) => sum + rows.length, 0)
  if (result !== undefined) tell(`-- ${count} rows copied into ${parts[0]?.table}`)
  return result
}

/** Objects without a schema of their own are written with the default one, as the original engine does. */
function withSchemaNames(database: Database): Database {
  const { dialect, defaultSchemaName, productVersion } = database
  const { write } = dialect.prefixed?.(defaultSchemaName, productVersion) ?? dialect
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
  // Not before: an update that finds what it found the last time needs none of it.
  const { canonicalForm } = await import('#change/checksum')
  const { changeTypeNames } = await import('#change/registry')
  const { readChangelog } = await import('#changelog/read')
  const { changelogFault } = await import('./change-set/finding.ts')
  const contexts = options.contexts ?? ''
  const labelFilter = options.labelFilter ?? ''
  const { changelog, diagnostics, expanderFor } = await readChangelog(
    {
      files: options.files,
      file: options.changelogFile,
      database: withHistoryNames(target.database.facts, target.names, target.database.offline !== undefined),
      contexts,
      labelFilter,
      parameters: options.parameters ?? {},
      ...(options.environment === undefined ? {} : { environment: options.environment }),
      ...(options.defaults === undefined ? {} : { defaults: options.defaults }),
      knownChangeTypes: changeTypeNames,
      settings: { ...options.reading, deploymentId: target.deploymentId },
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
    fileEncoding: options.reading?.fileEncoding ?? 'utf-8',
    checksumForm: { ...canonicalForm, rawDateValue: options.rawDateValue ?? false },
    allowDuplicates: options.reading?.allowDuplicatedChangesetIdentifiers ?? false,
    warnings: diagnostics.filter((diagnostic) => diagnostic.severity !== 'error'),
    expanderFor,
  }
}
