// Wraps the data keys of all secrets with the current root key, so that an older one can be thrown away.
import type { RandomBytes } from '../access/token.ts'
import type { Store, StoreTransaction } from '../store/port.ts'
import { type RootKeys, rewrapEnvelope, rootKeyId, type SecretPlace } from './envelope.ts'
import { placeOf } from './place.ts'
import { runSecretPlace } from './run-secret.ts'

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
  const counts = { secrets: 0, rewrapped: 0 }
  for (const read of [readSecrets, readRunSecrets]) {
    for (let after: string | undefined = '0'; after !== undefined; ) {
      signal.throwIfAborted()
      const from: string = after
      after = await store.transaction(async (tx) => {
        const rows = await read(tx, from)
        for (const { table, id, envelope, place } of rows) {
          const ciphertext = rewrapEnvelope(keys, envelope, place, random)
          if (ciphertext === undefined) continue
          await tx.updateTable(table).set({ ciphertext }).where('id', '=', id).execute()
          counts.rewrapped += 1
        }
        counts.secrets += rows.length
        return rows.at(-1)?.id
      })
    }
  }
  return { ...counts, keyId: rootKeyId(keys.current) }
}

interface Sealed {
  readonly table: 'secret' | 'run_secret'
  readonly id: string
  readonly envelope: string
  readonly place: SecretPlace
}

/** The next of the store after a row. */
async function readSecrets(tx: StoreTransaction, after: string): Promise<readonly Sealed[]> {
  const rows = await tx
    .selectFrom('secret')
    .where('id', '>', after)
    .where('ciphertext', 'is not', null)
    .select(['id', 'project_id', 'organization_id', 'identifier', 'ciphertext'])
    .orderBy('id')
    .limit(batch)
    .forUpdate()
    .execute()
  return rows.map((row) => ({ table: 'secret', id: row.id, envelope: row.ciphertext ?? '', place: placeOf(row) }))
}

/** The next of those that steps gave. */
async function readRunSecrets(tx: StoreTransaction, after: string): Promise<readonly Sealed[]> {
  const rows = await tx
    .selectFrom('run_secret')
    .where('id', '>', after)
    .select(['id', 'node_id', 'name', 'ciphertext'])
    .orderBy('id')
    .limit(batch)
    .forUpdate()
    .execute()
  return rows.map((row) => ({
    table: 'run_secret',
    id: row.id,
    envelope: row.ciphertext,
    place: runSecretPlace(row.node_id, row.name),
  }))
}
