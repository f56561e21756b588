// Nobody hands out what they do not have: a right to edit roles, groups or tokens must not be a way to all other rights.
import type { RawBuilder } from 'kysely'
import { Fault } from '#contract/fault'
import type { Caller } from '../http/handler.ts'
import type { StoreTransaction } from '../store/port.ts'
import { readAssignments } from './assignment.ts'
import { type Grant, isWithin } from '#contract/grant'
import { grantsOf } from './grant.ts'

/** Raises `forbidden` when one of the grants allows something that the caller may not do to all resources there. */
export function refuseMoreThanOwn(caller: Caller, given: readonly Grant[], what: string): void {
  for (const grant of given)
    for (const permission of grant.permissions)
      if (!caller.grants.some((own) => own.permissions.has(permission) && isWithin(own, grant)))
        throw new Fault('forbidden', `${what} would give ${permission}, which you do not have there yourself.`, {
          hint: 'Ask somebody who has this permission for all resources of the scope.',
        })
}

/**
 * The same for everything that the assignments of this condition (over `assignment`) give, as they are now: called after a role, a
 * resource group or the members of a group were changed, in the same transaction.
 */
export async function refuseMoreByUse(
  tx: StoreTransaction,
  caller: Caller,
  condition: RawBuilder<unknown>,
  what: string,
): Promise<void> {
  refuseMoreThanOwn(caller, (await readAssignments(tx, condition)).flatMap(grantsOf), what)
}
