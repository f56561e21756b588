// When the token that a delegate joined with still holds; everything the delegate does depends on it.
import { sql } from 'kysely'

/** Condition on `delegate_token as joined`. */
export const joinTokenCondition = `joined.status = 'ACTIVE' and (joined.revoke_after is null or joined.revoke_after > now())`
export const joinTokenIsValid = sql<boolean>`${sql.raw(joinTokenCondition)}`
