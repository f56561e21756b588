// The join token of the delegate that runs in the same process: renewed at every start, so that its value is never kept.
import { createToken, hashToken, type RandomBytes } from '../access/token.ts'
import type { Store } from '../store/port.ts'

const identifier = 'built_in'

/** A new value for the token `built_in`, which is created when missing; delegates that joined with an earlier value stay. */
export async function renewBuiltInToken(store: Store, random: RandomBytes): Promise<string> {
  const value = `sdt.${createToken(random)}`
  const token_hash = hashToken(value)
  await store.db
    .insertInto('delegate_token')
    .values({ identifier, name: 'Built-in delegate', token_hash, status: 'ACTIVE', created_by: 'system' })
    .onConflict((conflict) => conflict.column('identifier').doUpdateSet({ token_hash }))
    .execute()
  return value
}
