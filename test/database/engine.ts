// An engine over an open database and files in memory, with everything it says kept.
import { memorySource } from '#changelog/memory'
import { Fault, type FaultCode } from '#contract/fault'
import type { Database } from '#database/port'
import type { EngineContext, LockWait } from '#engine/context'
import { contextOf } from '#engine/open'
import { openTarget, type TargetName } from './target.ts'
import type { PlannedStep, ProgressListener, StepResult } from '#engine/plan'

/** One open database for a whole suite, emptied for each test: opening the embedded one every time would cost most of the time. */
export interface Suite {
  fresh(): Promise<Database>
  /** A further connection; the embedded database has none. The caller closes it. */
  another(): Promise<Database>
  close(): Promise<void>
}

export async function openSuite(name: TargetName): Promise<Suite> {
  const target = await openTarget(name)
  return {
    fresh: async () => {
      await target.database.session.rollback()
      await target.empty()
      return target.database
    },
    another: async () => await target.another(),
    close: async () => await target.remove(),
  }
}

export interface EngineInput {
  readonly files: Readonly<Record<string, string>>
  readonly file?: string
  readonly contexts?: string
  readonly labelFilter?: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly run?: string
  readonly lockWait?: LockWait
  readonly lines?: string[]
  readonly clock?: () => number
}

/** The root is the first file unless `file` says otherwise. */
export async function engineOn(database: Database, input: EngineInput): Promise<EngineContext> {
  const { contexts, labelFilter, parameters } = input
  const target = {
    database,
    host: 'test (127.0.0.1)',
    run: input.run ?? 'test-run',
    clock: input.clock ?? Date.now,
    log: (line: string) => void input.lines?.push(line),
    lockWait: input.lockWait ?? { patience: 0, interval: 5 },
  }
  return await contextOf(target, {
    files: memorySource(input.files),
    changelogFile: input.file ?? Object.keys(input.files)[0] ?? '',
    ...(contexts === undefined ? {} : { contexts }),
    ...(labelFilter === undefined ? {} : { labelFilter }),
    ...(parameters === undefined ? {} : { parameters }),
  })
}

export interface Heard extends ProgressListener {
  /** `started a`, `done a`, … by the id of the change set. */
  readonly events: string[]
  readonly lines: string[]
}

export function listen(more: Partial<ProgressListener> = {}): Heard {
  const events: string[] = []
  const lines: string[] = []
  return {
    events,
    lines,
    changeSetStarted: (step: PlannedStep) => Promise.resolve(void events.push(`started ${step.changeSet.id}`)),
    changeSetFinished: (step: PlannedStep, { status }: StepResult) =>
      Promise.resolve(void events.push(`${status} ${step.changeSet.id}`)),
    line: (text) => void lines.push(text),
    mayContinue: () => Promise.resolve(),
    ...more,
  }
}

/** The fault that a promise ends with. Fails the test when it ends well or with something else. */
export async function faultOf(promise: Promise<unknown>, code: FaultCode): Promise<Fault> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Fault)) throw new Error(`expected the fault ${code}, got ${String(error)}`, { cause: error })
  if (error.code !== code) throw new Error(`expected ${code}, got ${error.code}: ${error.message}`, { cause: error })
  return error
}

/** Rows of the history as the database holds them, column names in lower case, oldest first. */
export async function historyRows(database: Database): Promise<Record<string, unknown>[]> {
  const { rows } = await database.session.execute('select * from DATABASECHANGELOG order by ORDEREXECUTED')
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value])))
}

/** First column of every row, as text. */
export async function valuesOf(database: Database, sql: string): Promise<string[]> {
  const { rows } = await database.session.execute(sql)
  return rows.map((row) => String(Object.values(row)[0]))
}
