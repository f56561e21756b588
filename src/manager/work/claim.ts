// Lets exactly one delegate take an attempt: the statement that decides who runs what, and the conditions of it.
import { type RawBuilder, sql } from 'kysely'
import { protocolTimes } from '#contract/delegate/protocol'
import type { Actor } from '#contract/event/live'
import { executionStatusSchema, isFinal } from '#contract/pipeline/status'
import { joinTokenIsValid } from '../access/join-token.ts'
import { workspacePrefix } from './workspace.ts'
import { isInScope } from '../delegate/token-scope.ts'
import { notify } from '../store/notify.ts'
import type { StoreTransaction } from '../store/port.ts'
import { type AttemptRow, isLocked, lockedExecution, noteState, recordColumns } from './attempt.ts'

const openStatuses = executionStatusSchema.options.filter((status) => !isFinal(status))

/**
 * True for an attempt `candidate` that must wait for another on the same instance: one that runs, or one whose outcome is
 * unknown, belongs to another node and is not yet decided. A step whose outcome is unknown may still be at work.
 */
export function isBlocked(candidate: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(
    exists (select 1 from attempt other where other.instance_key = ${candidate}.instance_key
      and other.state in ('accepted', 'started') and other.id <> ${candidate}.id)
    or exists (select 1 from attempt other
      join execution e on e.id = other.execution_id and e.ended_at is null
      left join execution_node n on n.execution_id = other.execution_id and n.node_id = other.node_id
      where other.instance_key = ${candidate}.instance_key and other.state = 'unknown'
      and (other.execution_id, other.node_id) is distinct from (${candidate}.execution_id, ${candidate}.node_id)
      and coalesce(n.status, 'Unknown') = any(${openStatuses}::text[])))`
}

/** Every selector is a tag or the name of the delegate `d`, in any case, or says that it has the folder of a step group. */
function isSelected(candidate: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`lower(${candidate}.delegate_selectors::text)::jsonb <@ lower((d.tags || to_jsonb(d.name)
    || to_jsonb(${workspacePrefix} || d.id))::text)::jsonb`
}

export interface AcceptInput {
  readonly attemptId: string
  readonly fence: string
  readonly delegateId: string
  readonly instance: string
  readonly tokenHash: string
  readonly actor: Actor
}
export interface AcceptedRow extends AttemptRow {
  readonly lease_until: Date
  readonly sealing_key: string
  readonly delegate: string
}

/** Seconds after its time limit for which the token of an attempt still lets its step report. */
const reportSeconds = 600

/**
 * Locks the execution, then the compare-and-set: the attempt is this delegate's and its fence one higher, or undefined. Raises a unique violation of
 * `attempt_instance_running` when another on the same instance was accepted at the same moment.
 */
export async function acceptAttempt(tx: StoreTransaction, input: AcceptInput): Promise<AcceptedRow | undefined> {
  const attempt = sql.ref('attempt')
  const { rows } = await sql<AcceptedRow>`
    with ${lockedExecution(input.attemptId)}, taken as (
      update attempt set state = 'accepted', fence = fence + 1, delegate_id = d.id,
        delegate_instance = ${input.instance}, accepted_at = now(), offered_until = null, waiting_reason = null,
        event_seq = 0, lease_until = now() + make_interval(secs => ${protocolTimes.leaseSeconds})
      from delegate d join delegate_token joined on joined.id = d.token_id and ${joinTokenIsValid}
      where attempt.id = ${input.attemptId} and ${isLocked('attempt')} and state = 'queued' and fence = ${input.fence}
        and d.id = ${input.delegateId} and ${isSelected(attempt)} and ${isInScope(attempt)} and not ${isBlocked(attempt)}
      returning ${recordColumns}, lease_until, d.sealing_key, d.name as delegate
    ), noted as (
      ${noteState('taken', input.actor, 'accepted', sql.ref('delegate'))}
    ), token as (
      insert into attempt_token (token_hash, attempt_id, expires_at)
      select ${input.tokenHash}, id,
        now() + make_interval(secs => (spec ->> 'timeoutSeconds')::int + ${reportSeconds}::int) from taken
    ), unread as (
      -- What a step wrote that was replaced before it started; the new one counts from 0.
      delete from log_stream using taken where log_stream.attempt_id = taken.id
    )
    select * from taken`.execute(tx)
  notify(tx, 'sluice_event')
  return rows[0]
}

/**
 * The same attempt for the process that has accepted it already and asks again under the fence before, because the answer to its
 * first call did not get through (its replica was killed): without this it would lie there until its lease ends. Undefined when it
 * has started or is somebody else's. The token of the answer that was lost is good no longer.
 */
export async function acceptAgain(tx: StoreTransaction, input: AcceptInput): Promise<AcceptedRow | undefined> {
  const { rows } = await sql<AcceptedRow>`
    with ${lockedExecution(input.attemptId)}, kept as (
      update attempt set lease_until = now() + make_interval(secs => ${protocolTimes.leaseSeconds})
      from delegate d join delegate_token joined on joined.id = d.token_id and ${joinTokenIsValid}
      where attempt.id = ${input.attemptId} and ${isLocked('attempt')} and state = 'accepted'
        and fence = ${input.fence}::bigint + 1 and attempt.delegate_id = d.id and d.id = ${input.delegateId}
        and delegate_instance = ${input.instance}
      returning ${recordColumns}, lease_until, d.sealing_key, d.name as delegate
    ), lost as (
      delete from attempt_token using kept where attempt_id = kept.id
    ), token as (
      insert into attempt_token (token_hash, attempt_id, expires_at)
      select ${input.tokenHash}, id,
        now() + make_interval(secs => (spec ->> 'timeoutSeconds')::int + ${reportSeconds}::int) from kept
    )
    select * from kept`.execute(tx)
  return rows[0]
}
