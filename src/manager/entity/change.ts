// What creating, updating and deleting have in common: duplicates, identifiers that must agree, audit, work under way.
import { type RawBuilder, sql } from 'kysely'
import type { EventBody } from '#contract/event/live'
import { Fault } from '#contract/fault'
import { recordEvent } from '../audit/record.ts'
import type { Caller } from '../http/handler.ts'
import { isUniqueViolation } from '../store/error.ts'
import type { StoreTransaction } from '../store/port.ts'

/** An entity before and after a change, as the API shows it; what is absent did not exist. */
interface EntityChange {
  readonly kind: string
  readonly identifier: string
  /** Only while the project exists. */
  readonly projectId?: string
  readonly before?: unknown
  readonly after?: unknown
}

function eventOf({ kind, identifier, before, after }: EntityChange): EventBody {
  if (before === undefined) return { type: 'entity.created', kind, identifier, after }
  if (after === undefined) return { type: 'entity.deleted', kind, identifier, before }
  return { type: 'entity.updated', kind, identifier, before, after }
}

/** Writes who did what to which entity, in the transaction of the change. */
export async function recordEntity(tx: StoreTransaction, caller: Caller, change: EntityChange): Promise<void> {
  const { actor, sourceAddress } = caller
  await recordEvent(tx, { actor, sourceAddress, projectId: change.projectId, body: eventOf(change) })
}

/** Runs an insert; an identifier that is taken becomes `already-exists` (400, as the compatible API has it). */
export async function createUnique<T>(kind: string, identifier: string, insert: () => Promise<T>): Promise<T> {
  try {
    return await insert()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new Fault('already-exists', `${kind} ${identifier} exists already.`, { cause: error })
  }
}

/** One field of the body that is wrong, for rules that the schema cannot say. */
export function invalidField(field: string, message: string): Fault {
  const text = `${field}: ${message}`
  return new Fault('invalid-input', text, { diagnostics: [{ code: 'request/body', severity: 'error', message: text }] })
}

/** A field of the body that repeats a part of the path must say the same; `expected` undefined: the path has no such part. */
export function mustEqual(field: string, given: string | undefined, expected: string | undefined): void {
  if (given === undefined || given === '' || given === expected) return
  const wanted = expected === undefined ? 'Must be left out' : `Must be ${expected}`
  throw invalidField(field, `${wanted}, as in the path${expected === undefined ? '' : ', or be left out'}.`)
}

/**
 * Refuses while a step works on what is to be deleted: its record would be lost while it still changes a database.
 * `where` narrows the attempts, for example to one schema.
 */
export async function refuseWhileWorking(
  tx: StoreTransaction,
  what: string,
  where: RawBuilder<boolean>,
): Promise<void> {
  const row = await tx
    .selectFrom('attempt')
    // An attempt that was lost stays `unknown` for ever; it only counts until its execution has ended.
    .where(
      sql<boolean>`(state in ('accepted', 'started') or state = 'unknown' and exists (
        select 1 from execution where execution.id = attempt.execution_id and ended_at is null))`,
    )
    .where(where)
    .select(['execution_id', 'node_id'])
    .limit(1)
    .executeTakeFirst()
  if (!row) return
  throw new Fault(
    'conflict',
    `${what} cannot be deleted: step ${row.node_id} of execution ${row.execution_id} works on it.`,
    {
      hint: 'Wait for the execution to end, or abort it.',
    },
  )
}

/** Epoch milliseconds, as most resources show times. */
export const milliseconds = (time: Date): number => time.getTime()
/** When a row was made and last changed, as the platform services show it. */
export const shownTimes = (row: { readonly created_at: Date; readonly updated_at: Date }) => ({
  createdAt: milliseconds(row.created_at),
  lastModifiedAt: milliseconds(row.updated_at),
})
/** Epoch seconds, as DB schemas and instances show times. */
export const seconds = (time: Date): number => Math.floor(time.getTime() / 1000)
