// `update`: brings the database to the changelog, one change set after the other, under the lock.
import type { EngineContext } from './context.ts'
import { checkDigest, isBeginningOf } from './digest.ts'
import { areSameRows } from './history/row.ts'
import { ensureHistoryTable, type History, newestRow, nextOrder, readHistory } from './history/table.ts'
import { refuseUndecided } from './journal/interrupted.ts'
import { canTell, settledJournal } from './journal/settle.ts'
import { readJournal } from './journal/table.ts'
import { clearDeadLock, underLock } from './lock/acquire.ts'
import { type Extent, planUpdateFrom } from './plan-update.ts'
import type { Plan, ProgressListener } from './plan.ts'
import { runPlan, type Totals } from './run/run.ts'
import { ensureTag, setTag, tagUnchanged } from './tag.ts'

export interface UpdateOptions extends Extent {
  /** Read a moment ago on the same database: saves reading it once more before the lock. */
  readonly history?: History
  /**
   * Refuse with Fault `plan-changed` unless the plan made under the lock has this digest, or is the beginning of the update without
   * `count` and `toTag` that has it.
   */
  readonly approvedDigest?: string
  /** Tag to put on the newest row before the first change when it has none; an empty history gets a row for it. */
  readonly preStartTag?: string
  /** Told which tag that is, before the first change. */
  readonly onAnchor?: (tag: string) => void
  /** Tag to put on the newest row after success, when something has changed since `preStartTag`. */
  readonly tag?: string
  /** Also when nothing has: see `tagUnchanged`. */
  readonly tagAlways?: boolean
  /** A change set that fails is recorded as run, so that a rollback takes back what it left and no update tries it again. */
  readonly recordFailed?: boolean
}

export interface UpdateResult {
  /** What was to run; equal to what ran unless a precondition skipped or marked some. */
  readonly plan: Plan
  /** Change sets whose statements ran. */
  readonly ran: number
  readonly markedRan: number
  /** Preconditions with CONTINUE, or failures with failOnError=false. */
  readonly skipped: number
  readonly rowsAffected: number
  /** The tag on the newest row before the first change, when `preStartTag` was asked for. */
  readonly preStartTag: string | undefined
}

/**
 * Faults: `changelog-invalid`, `checksum-changed`, `precondition-failed`, `changelog-locked`, `plan-changed` before anything
 * ran; `change-set-failed`, `cancelled`, `stale-fence`, `outcome-unknown`, `database-lost` with everything before it applied.
 */
export async function update(
  context: EngineContext,
  options: UpdateOptions,
  listener: ProgressListener,
  signal?: AbortSignal,
): Promise<UpdateResult> {
  const history = options.history ?? (await readHistory(context, signal))
  const early = { history, plan: await planUpdateFrom(context, history, { ...options, withReverse: false }, signal) }
  await checkApproved(context, history, early.plan, options, signal)
  if (isIdle(early.plan, options)) {
    const journal = await readJournal(context, signal)
    refuseUndecided(journal.filter((row) => !canTell(row)))
    await clearDeadLock(context, signal)
    return resultOf(early.plan, { done: 0, markedRan: 0, skipped: 0, rowsAffected: 0 }, undefined)
  }
  return await underLock(context, async () => await updateLocked(context, early, options, listener, signal), signal)
}

/** Whoever approved all of an update approved its beginning: it is the same change sets, in the same order, up to where it ends. */
export async function checkApproved(
  context: EngineContext,
  history: History,
  plan: Plan,
  { approvedDigest, count, toTag }: Pick<UpdateOptions, 'approvedDigest' | 'count' | 'toTag'>,
  signal?: AbortSignal,
): Promise<void> {
  if (approvedDigest !== undefined && plan.digest !== approvedDigest && (count ?? toTag) !== undefined) {
    const whole = await planUpdateFrom(context, history, { withReverse: false }, signal)
    if (whole.digest === approvedDigest && isBeginningOf(plan, whole)) return
  }
  checkDigest(plan, approvedDigest)
}

/** Then the lock is not needed: an up-to-date database is told so even while somebody else holds it. */
function isIdle(plan: Plan, options: UpdateOptions): boolean {
  if (options.tag !== undefined || options.preStartTag !== undefined) return false
  return plan.steps.length === 0 && plan.checksumUpgrades.length === 0
}

/** What was planned before the lock; still good when nobody has written to the history meanwhile. */
interface Early {
  readonly history: History
  readonly plan: Plan
}

async function updateLocked(
  context: EngineContext,
  early: Early,
  options: UpdateOptions,
  listener: ProgressListener,
  signal?: AbortSignal,
): Promise<UpdateResult> {
  const before = await readHistory(context, signal)
  const plan = areSameRows(before.rows, early.history.rows)
    ? early.plan
    : await planUpdateFrom(context, before, { ...options, withReverse: false }, signal)
  await checkApproved(context, before, plan, options, signal)
  const journal = await settledJournal(context, signal)
  refuseUndecided(journal)
  await listener.mayContinue()
  if (!before.exists) await ensureHistoryTable(context, signal)
  const preStartTag =
    options.preStartTag === undefined ? undefined : await ensureTag(context, before, options.preStartTag, signal)
  // Told before anything changes: whoever rolls back a failed or lost update goes back to it.
  if (preStartTag !== undefined) options.onAnchor?.(preStartTag)
  const order = nextOrder(preStartTag === undefined ? before : await readHistory(context, signal))
  const { recordFailed = false } = options
  const totals = await runPlan(context, plan, { order, journal, recordFailed }, listener, signal)
  const changed = totals.done + totals.markedRan > 0 || (await hasMoved(context, preStartTag, signal))
  await tagResult(context, options, changed, signal)
  return resultOf(plan, totals, preStartTag)
}

/** An earlier attempt has changed something when the anchor of the work is not on the newest row. */
async function hasMoved(context: EngineContext, anchor: string | undefined, signal?: AbortSignal): Promise<boolean> {
  return anchor !== undefined && newestRow(await readHistory(context, signal))?.tag !== anchor
}

/** A run that changes nothing leaves the tags as they are, unless it was asked to. */
export async function tagResult(
  context: EngineContext,
  { tag, tagAlways }: Pick<UpdateOptions, 'tag' | 'tagAlways'>,
  changed: boolean,
  signal?: AbortSignal,
): Promise<void> {
  if (tag === undefined) return
  if (changed) await setTag(context, tag, signal)
  else if (tagAlways) await tagUnchanged(context, tag, signal)
  else context.log(`No change set ran, so nothing is tagged as ${tag}`)
}

function resultOf(plan: Plan, totals: Totals, preStartTag: string | undefined): UpdateResult {
  const { done, markedRan, skipped, rowsAffected } = totals
  return { plan, ran: done, markedRan, skipped, rowsAffected, preStartTag }
}
