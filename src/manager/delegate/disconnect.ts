// Ends the connection of delegates at once: their access tokens go, and polls that wait are woken to find out.
// Steps that are at work keep the tokens of their attempts: stopping a running change would leave its outcome unknown.
import { recordEvents, systemActor } from '../audit/record.ts'
import { notify } from '../store/notify.ts'
import type { StoreTransaction } from '../store/port.ts'

export async function disconnect(
  tx: StoreTransaction,
  which: { readonly tokenId: string } | { readonly delegateId: string },
): Promise<void> {
  const affected = tx
    .selectFrom('delegate')
    .where((where) =>
      'tokenId' in which ? where('token_id', '=', which.tokenId) : where('delegate.id', '=', which.delegateId),
    )
  await tx.deleteFrom('delegate_access_token').where('delegate_id', 'in', affected.select('id')).execute()
  const lost = await tx
    .updateTable('delegate')
    .set({ connected: false, running: 0 })
    .where('id', 'in', affected.select('id'))
    .where('connected', '=', true)
    .returning('name')
    .execute()
  await recordEvents(
    tx,
    lost.map(({ name }) => ({ actor: systemActor, body: { type: 'delegate.lost', delegate: name } })),
  )
  notify(tx, 'sluice_work')
}
