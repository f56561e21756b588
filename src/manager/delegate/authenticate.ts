// Who speaks the delegate protocol: a delegate by its access token, a step by the token of its attempt. One query each.
import { CompiledQuery, sql } from 'kysely'
import type { Actor } from '#contract/event/live'
import { hashToken } from '../access/token.ts'
import type { Executor } from '../store/port.ts'

export interface DelegateCaller {
  readonly actor: Actor
  readonly delegate: { readonly id: string; readonly name: string }
}
export interface AttemptCaller {
  readonly actor: Actor
  readonly attempt: { readonly id: string }
}

const joinTokenCondition = `joined.status = 'ACTIVE' and (joined.revoke_after is null or joined.revoke_after > now())`
/** Condition on `delegate_token as joined`. */
export const joinTokenIsValid = sql<boolean>`${sql.raw(joinTokenCondition)}`

// Written out, because one of them runs with every request of the protocol.
const delegateByToken = `
  select delegate.id, delegate.name from delegate_access_token access
  join delegate on delegate.id = access.delegate_id
  join delegate_token joined on joined.id = delegate.token_id and ${joinTokenCondition}
  where access.token_hash = $1 and access.expires_at > now()`
const attemptByToken = `select 1 from attempt_token where token_hash = $1 and attempt_id = $2 and expires_at > now()`

/** Undefined for a token that is unknown, over, or whose join token was revoked. */
export async function authenticateDelegate(db: Executor, token: string): Promise<DelegateCaller | undefined> {
  const { rows } = await db.executeQuery<{ id: string; name: string }>(
    CompiledQuery.raw(delegateByToken, [hashToken(token)]),
  )
  const row = rows[0]
  return row && { actor: { type: 'delegate', name: row.name }, delegate: row }
}

/**
 * A token belongs to one attempt and to one fence of it. One of an older fence is still known, so that its holder is told
 * `stale-fence` and not just turned away; it can do nothing.
 */
export async function authenticateAttempt(
  db: Executor,
  token: string,
  attemptId: string,
): Promise<AttemptCaller | undefined> {
  const { rows } = await db.executeQuery(CompiledQuery.raw(attemptByToken, [hashToken(token), attemptId]))
  return rows.length === 0 ? undefined : { actor: { type: 'attempt', name: attemptId }, attempt: { id: attemptId } }
}
