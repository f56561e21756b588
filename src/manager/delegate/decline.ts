// A delegate that cannot give what an attempt needs says why. When no connected delegate is left that could take it, the attempt
// ends at once with all the reasons: waiting would only hide them.
import { sql } from 'kysely'
import { Fault, toFaultRecord } from '#contract/fault'
import { systemActor } from '../audit/record.ts'
import type { ProtocolHandlers } from '../http/handler.ts'
import { notify } from '../store/notify.ts'
import { type LockedAttempt, lockAttempt, refuse } from '../work/attempt.ts'
import { considerDelegates, several, whyNot } from '../work/considered.ts'
import { endAttempt } from '../work/finish.ts'
import type { StoreTransaction } from '../store/port.ts'
import type { ProtocolDependencies } from './dependency.ts'

export function declineHandler({ store, observers }: ProtocolDependencies): ProtocolHandlers['decline'] {
  return async ({ params, body, caller }) => {
    const delegateId = caller.delegate?.id ?? ''
    await store.transaction(async (tx) => {
      const row = await lockAttempt(tx, params.attempt)
      if (row?.state !== 'queued' || row.fence !== body.fence) throw refuse(params.attempt, body.fence, row)
      const refusal = { reason: body.reason, until: sql<Date>`now() + make_interval(secs => ${body.seconds})` }
      await tx
        .insertInto('attempt_refusal')
        .values({ attempt_id: row.id, delegate_id: delegateId, ...refusal })
        .onConflict((conflict) => conflict.columns(['attempt_id', 'delegate_id']).doUpdateSet(refusal))
        .execute()
      const impossible = await whyImpossible(tx, row)
      if (impossible !== undefined) {
        const end = { outcome: 'failure', output: {}, fault: toFaultRecord(impossible) } as const
        return endAttempt(tx, row, end, systemActor, observers)
      }
      await tx.updateTable('attempt').set({ offered_until: null }).where('id', '=', row.id).execute()
      notify(tx, 'sluice_work')
    })
    return null
  }
}

/** Undefined while a connected delegate with the right scope and selectors has not declined it. */
async function whyImpossible(tx: StoreTransaction, row: LockedAttempt): Promise<Fault | undefined> {
  const selectors = row.delegate_selectors
  const possible = (await considerDelegates(tx, row.id)).filter(
    (delegate) => delegate.connected && whyNot(selectors, delegate)?.type !== 'never',
  )
  if (possible.some(({ refusal }) => refusal === null)) return undefined
  const reasons = possible.map(({ name, refusal }) => `${name}: ${refusal}`)
  return new Fault('no-delegate', `No delegate can run this step. ${several(reasons, '; ', '; and')}`, {
    hint: 'Check network and address, or start a delegate where the target can be reached.',
  })
}
