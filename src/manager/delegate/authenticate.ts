// Who speaks the delegate protocol: a delegate by its access token, a step by the token of its attempt. One query each.
import { sql } from 'kysely'
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

/** Undefined for a token that is unknown, over, or whose join token was revoked. */
export async function authenticateDelegate(db: Executor, token: string): Promise<DelegateCaller | undefined> {
  const row = await db
    .selectFrom('delegate_access_token as access')
    .innerJoin('delegate', 'delegate.id', 'access.delegate_id')
    .innerJoin('delegate_token as joined', 'joined.id', 'delegate.token_id')
    .where('access.token_hash', '=', hashToken(token))
    .where('access.expires_at', '>', sql<Date>`now()`)
    .where(joinTokenIsValid)
    .select(['delegate.id', 'delegate.name'])
    .executeTakeFirst()
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
  const row = await db
    .selectFrom('attempt_token')
    .where('token_hash', '=', hashToken(token))
    .where('attempt_id', '=', attemptId)
    .where('expires_at', '>', sql<Date>`now()`)
    .select('attempt_id')
    .executeTakeFirst()
  return row && { actor: { type: 'attempt', name: attemptId }, attempt: { id: attemptId } }
}

/** Condition on `delegate_token as joined`. */
export const joinTokenIsValid = sql<boolean>`joined.status = 'ACTIVE' and (joined.revoke_after is null or joined.revoke_after > now())`
