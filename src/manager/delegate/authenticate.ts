// Who speaks the delegate protocol: a delegate by its access token, a step by the token of its attempt. One query each, and
// none for a token that was seen a moment ago.
import { CompiledQuery } from 'kysely'
import type { Actor } from '#contract/event/live'
import { joinTokenCondition } from '../access/join-token.ts'
import type { KnownTokens } from '../access/known-tokens.ts'
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

/** Callers by the hashes of their tokens. */
export type KnownProtocolTokens = KnownTokens<DelegateCaller | AttemptCaller>

/**
 * Milliseconds for which an access token is not looked up again. It may be taken back at any moment, so both requests that it
 * opens (poll and accept) ask for themselves whether the join token of the delegate still holds.
 */
const delegateKnown = 5000

const secondsLeft = `extract(epoch from expires_at - now())::float8 as left`
// Written out, because one of them runs with most requests of the protocol.
const delegateByToken = `
  select delegate.id, delegate.name, ${secondsLeft} from delegate_access_token access
  join delegate on delegate.id = access.delegate_id
  join delegate_token joined on joined.id = delegate.token_id and ${joinTokenCondition}
  where access.token_hash = $1 and access.expires_at > now()`
const attemptByToken = `select ${secondsLeft} from attempt_token
  where token_hash = $1 and attempt_id = $2 and expires_at > now()`

/** Undefined for a token that is unknown, over, or whose join token was revoked. */
export async function authenticateDelegate(
  db: Executor,
  token: string,
  known?: KnownProtocolTokens,
): Promise<DelegateCaller | undefined> {
  const tokenHash = hashToken(token)
  const seen = known?.get(tokenHash)
  if (seen !== undefined) return 'delegate' in seen ? seen : undefined
  const { rows } = await db.executeQuery<{ id: string; name: string; left: number }>(
    CompiledQuery.raw(delegateByToken, [tokenHash]),
  )
  const [row] = rows
  if (row === undefined) return undefined
  const caller: DelegateCaller = {
    actor: { type: 'delegate', name: row.name },
    delegate: { id: row.id, name: row.name },
  }
  known?.put(tokenHash, caller, Math.min(row.left * 1000, delegateKnown))
  return caller
}

/**
 * A token belongs to one attempt and to one fence of it. One of an older fence is still known, so that its holder is told
 * `stale-fence` and not just turned away; it can do nothing. It is never taken back, only its time ends.
 */
export async function authenticateAttempt(
  db: Executor,
  token: string,
  attemptId: string,
  known?: KnownProtocolTokens,
): Promise<AttemptCaller | undefined> {
  const tokenHash = hashToken(token)
  const seen = known?.get(tokenHash)
  if (seen !== undefined) return 'attempt' in seen && seen.attempt.id === attemptId ? seen : undefined
  const { rows } = await db.executeQuery<{ left: number }>(CompiledQuery.raw(attemptByToken, [tokenHash, attemptId]))
  const [row] = rows
  if (row === undefined) return undefined
  const caller = attemptCaller(attemptId)
  known?.put(tokenHash, caller, row.left * 1000)
  return caller
}

export function attemptCaller(attemptId: string): AttemptCaller {
  return { actor: { type: 'attempt', name: attemptId }, attempt: { id: attemptId } }
}
