// Wraps the data keys of all secrets with the current root key, so that an older one can be thrown away.
import type { RandomBytes } from '../access/token.ts'
import type { Store } from '../store/port.ts'
import { type RootKeys, rewrapEnvelope, rootKeyId } from './envelope.ts'
import { placeOf } from './place.ts'

const batch = 500

export interface Rewrapped {
  readonly secrets: number
  readonly rewrapped: number
  /** Of the key that all of them are wrapped with now. */
  readonly keyId: string
}

/**
 * In batches, so that a manager at work is not held up; a run that was cut is simply repeated. A secret that is written meanwhile
 * keeps its new value: its row is locked while it is rewrapped. Raises `secret-unresolved` at the first that no key opens.
 */
export async function rewrapSecrets(
  store: Store,
  keys: RootKeys,
  random: RandomBytes,
  signal: AbortSignal,
): Promise<Rewrapped> {
  let [after, secrets, rewrapped] = ['0', 0, 0]
  for (;;) {
    signal.throwIfAborted()
    const rows = await store.transaction(async (tx) => {
      const found = await tx
        .selectFrom('secret')
        .where('id', '>', after)
        .where('ciphertext', 'is not', null)
        .select(['id', 'project_id', 'organization_id', 'identifier', 'ciphertext'])
        .orderBy('id')
        .limit(batch)
        .forUpdate()
        .execute()
      for (const row of found) {
        const ciphertext = rewrapEnvelope(keys, row.ciphertext ?? '', placeOf(row), random)
        if (ciphertext === undefined) continue
        await tx.updateTable('secret').set({ ciphertext }).where('id', '=', row.id).execute()
        rewrapped += 1
      }
      return found
    })
    secrets += rows.length
    const last = rows.at(-1)
    if (!last) return { secrets, rewrapped, keyId: rootKeyId(keys.current) }
    after = last.id
  }
}
