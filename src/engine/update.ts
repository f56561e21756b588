// `update`: brings the database to the changelog, one change set after the other, under the lock.
import { Fault } from '#contract/fault'
import { selectPending } from './change-set/select.ts'
import type { EngineContext } from './context.ts'
import { ensureHistoryTable, nextOrder, readHistory } from './history/table.ts'
import { checksumText } from './history/write.ts'
import { refuseUndecided } from './journal/interrupted.ts'
import { readJournal } from './journal/table.ts'
import { underLock } from './lock/acquire.ts'
import { planUpdateFrom } from './plan-update.ts'
import type { Plan, ProgressListener } from './plan.ts'
import { runPlan, type Totals } from './run/run.ts'
import { ensureTag, setTag } from './tag.ts'

export interface UpdateOptions {
  /** At most so many change sets. */
  readonly count?: number
  /** Up to and including the change set that sets this tag. */
  readonly toTag?: string
  /** Refuse with Fault `plan-changed` unless the plan made under the lock has this digest. */
  readonly approvedDigest?: string
  /** Tag to put on the newest row before the first change when it has none; an empty history gets a row for it. */
  readonly preStartTag?: string
  /** Told which tag that is, before the first change. */
  readonly onAnchor?: (tag: string) => void
  /** Tag to put on the newest row after success. */
  readonly tag?: string
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
  const early = await nothingToDo(context, options, signal)
  if (early) return early
  return await underLock(context, async () => await updateLocked(context, options, listener, signal), signal)
}

/** Without the lock: an up-to-date database is told so even while somebody else holds it. */
async function nothingToDo(
  context: EngineContext,
  options: UpdateOptions,
  signal?: AbortSignal,
): Promise<UpdateResult | undefined> {
  if (options.tag !== undefined || options.preStartTag !== undefined) return undefined
  const history = await readHistory(context, signal)
  if (!history.exists) return undefined
  const selection = await selectPending(context, history, options, signal)
  if (selection.pending.length > 0 || selection.checksumUpgrades.length > 0) return undefined
  refuseUndecided(await readJournal(context, signal))
  const plan = await planUpdateFrom(context, history, options, signal)
  checkDigest(plan, options.approvedDigest)
  return resultOf(plan, { done: 0, markedRan: 0, skipped: 0, rowsAffected: 0 }, undefined)
}

async function updateLocked(
  context: EngineContext,
  options: UpdateOptions,
  listener: ProgressListener,
  signal?: AbortSignal,
): Promise<UpdateResult> {
  const before = await readHistory(context, signal)
  const plan = await planUpdateFrom(context, before, options, signal)
  checkDigest(plan, options.approvedDigest)
  refuseUndecided(await readJournal(context, signal))
  await listener.mayContinue()
  await ensureHistoryTable(context, signal)
  await upgradeChecksums(context, plan, signal)
  const preStartTag =
    options.preStartTag === undefined ? undefined : await ensureTag(context, before, options.preStartTag, signal)
  if (preStartTag !== undefined) options.onAnchor?.(preStartTag)
  const order = nextOrder(preStartTag === undefined ? before : await readHistory(context, signal))
  const totals = await runPlan(context, plan, order, listener, signal)
  if (options.tag !== undefined) await setTag(context, options.tag, signal)
  return resultOf(plan, totals, preStartTag)
}

export function checkDigest(plan: Plan, approved: string | undefined): void {
  if (approved === undefined || approved === plan.digest) return
  throw new Fault(
    'plan-changed',
    `The plan now has the digest ${plan.digest}, approved was ${approved}. Nothing was run.`,
  )
}

async function upgradeChecksums(context: EngineContext, plan: Plan, signal?: AbortSignal): Promise<void> {
  for (const { row, checksum } of plan.checksumUpgrades) {
    const name = `${row.fileName}::${row.id}::${row.author}`
    context.log(`Upgrading checksum for Changeset ${name} from ${row.checksum ?? '(null)'} to ${checksum}.`)
    await context.database.session.execute(checksumText(context, row, checksum), [], signal)
  }
}

function resultOf(plan: Plan, totals: Totals, preStartTag: string | undefined): UpdateResult {
  const { done, markedRan, skipped, rowsAffected } = totals
  return { plan, ran: done, markedRan, skipped, rowsAffected, preStartTag }
}
