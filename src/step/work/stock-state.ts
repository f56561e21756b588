// What a stock image did, as far as the history of the database says: it tells nothing of it itself. Read before and after by our own
// engine; what that cannot read stays unknown, and never fails the step.
import { changeSetFqn } from '#contract/change-set'
import { definitionOf } from '#engine/definition'
import type { EngineContext } from '#engine/context'
import { history, type HistoryRow } from '#engine/history'
import { historyKey } from '#engine/history/row'
import type { WorkContext } from './context.ts'
import { definitionLimit } from './listener.ts'
import { postState } from './output.ts'

export interface StockState extends Pick<WorkContext, 'outbox' | 'masking' | 'line' | 'signal'> {
  /** Opens the database with its changelog, uses and closes it. */
  readonly withEngine: <T>(use: (engine: EngineContext) => Promise<T>, signal: AbortSignal) => Promise<T>
}

/** A cancel has to be reported soon. */
const lastLookMilliseconds = 4000

const keyOf = ({ fileName, id, author }: HistoryRow): string => historyKey(fileName, id, author)
/** Other when it ran again. */
const stateOf = ({ dateExecuted, orderExecuted }: HistoryRow): string => `${dateExecuted} ${orderExecuted}`
/** Written for a tag where there is no row yet. */
const isInternal = ({ fileName }: HistoryRow): boolean => fileName === 'liquibase-internal'

export interface Watched<T> {
  readonly result: T
  /** `fileName::id::author` of each change set that ran or was rolled back, in order; undefined when nobody knows. */
  readonly changeSets: readonly string[] | undefined
}

/** Posts the state before and after `work`, also when it fails, and an event for each change set whose row came or went. */
export async function betweenHistories<T>(state: StockState, work: () => Promise<T>): Promise<Watched<T>> {
  const before = await look(state, undefined, state.signal)
  let result: T
  try {
    result = await work()
  } catch (error) {
    if (before) await look(state, before.rows, AbortSignal.timeout(lastLookMilliseconds))
    throw error
  }
  const after = before && (await look(state, before.rows, AbortSignal.any([])))
  return { result, changeSets: after?.changed }
}

interface Looked {
  readonly rows: readonly HistoryRow[]
  readonly changed: readonly string[]
}

async function look(
  state: StockState,
  before: readonly HistoryRow[] | undefined,
  signal: AbortSignal,
): Promise<Looked | undefined> {
  try {
    return await state.withEngine(async (engine) => {
      await postState({ ...state, engine }, signal)
      const rows = (await history(engine, signal)).filter((row) => !isInternal(row))
      return { rows, changed: before ? tellChanges(state, engine, before, rows) : [] }
    }, signal)
  } catch (error) {
    state.signal.throwIfAborted()
    state.line(`What is deployed is not known, our own engine cannot read it: ${(error as Error).message}`)
    return undefined
  }
}

function tellChanges(
  { outbox, masking }: StockState,
  engine: EngineContext,
  before: readonly HistoryRow[],
  after: readonly HistoryRow[],
): string[] {
  const earlier = new Map(before.map((row) => [keyOf(row), stateOf(row)]))
  const later = new Set(after.map(keyOf))
  const known = new Map(engine.changelog.changeSets.map((one) => [historyKey(one.path, one.id, one.author), one]))
  const ran = after.filter((row) => earlier.get(keyOf(row)) !== stateOf(row))
  const undone = before.filter((row) => !later.has(keyOf(row))).toReversed()
  const tell = (row: HistoryRow, direction: 'apply' | 'rollback'): string => {
    const changeSet = known.get(keyOf(row))
    const identity = { fileName: changeSet?.path ?? row.fileName, id: row.id, author: row.author }
    outbox.event({
      type: 'change-set.finished',
      ...identity,
      direction,
      status: direction === 'apply' ? 'Successfully_Deployed' : 'Rolled_Back',
      // Neither how long it took nor its SQL stands in a history.
      duration: 0,
      sql: [],
      ...(changeSet ? { definition: masking.text(definitionOf(changeSet)).slice(0, definitionLimit) } : {}),
      ...(row.comments === '' ? {} : { comment: row.comments }),
      ...(row.labels === undefined || row.labels === '' ? {} : { labels: row.labels }),
    })
    return changeSetFqn(identity)
  }
  return [...ran.map((row) => tell(row, 'apply')), ...undone.map((row) => tell(row, 'rollback'))]
}
