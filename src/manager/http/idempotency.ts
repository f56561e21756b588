// Calls with an idempotency key: the same call again gets the answer of the first, and nothing is done twice.
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { Fault } from '#contract/fault'
import type { Store } from '../store/port.ts'
import type { Caller } from './handler.ts'

export const idempotencyHeader = 'idempotency-key'
/** A key is remembered for a day. */
const rememberedHours = 24

export interface IdempotentCalls {
  /**
   * Does the work once for the caller and key. Raises `invalid-input` when the key was used for another call, `conflict` while the
   * first is still answered, and also when it never was, because the process died: then nobody knows what it did.
   */
  once(
    caller: Caller,
    key: string,
    call: unknown,
    work: () => Promise<unknown>,
  ): Promise<{ readonly reply: unknown; readonly replayed: boolean }>
}

const digestOf = (call: unknown): string => createHash('sha256').update(JSON.stringify(call), 'utf8').digest('hex')

export function createIdempotentCalls(store: Store): IdempotentCalls {
  const own = (principal: string, key: string) =>
    store.db.selectFrom('idempotent_call').where('principal', '=', principal).where('key', '=', key)
  return {
    once: async (caller, key, call, work) => {
      if (!/^[\x21-\x7e]{1,255}$/.test(key))
        throw new Fault('invalid-input', `The header ${idempotencyHeader} holds 1 to 255 visible ASCII characters.`)
      const principal = `${caller.principal?.kind}:${caller.principal?.id}`
      const digest = digestOf(call)
      const claimed = await store.db
        .insertInto('idempotent_call')
        .values({ principal, key, digest })
        .onConflict((conflict) =>
          conflict
            .columns(['principal', 'key'])
            .doUpdateSet({ digest, reply: null, created_at: sql`now()` })
            .where('idempotent_call.created_at', '<', sql<Date>`now() - make_interval(hours => ${rememberedHours})`),
        )
        .returning('key')
        .executeTakeFirst()
      if (!claimed) {
        const first = await own(principal, key).select(['digest', 'reply']).executeTakeFirst()
        if (first && first.digest !== digest)
          throw new Fault('invalid-input', `The idempotency key ${key} was used for another call. Use a new one.`)
        if (!first || first.reply === null)
          throw new Fault('conflict', `The first call with the idempotency key ${key} has no answer yet.`, {
            hint: 'Wait and ask again. If it stays so, the manager died meanwhile: look whether it was done, then use a new key.',
          })
        return { reply: (first.reply as { value: unknown }).value, replayed: true }
      }
      const forget = () =>
        store.db.deleteFrom('idempotent_call').where('principal', '=', principal).where('key', '=', key).execute()
      let reply: unknown
      try {
        reply = await work()
      } catch (error) {
        // What was refused changed nothing and may be tried again; of anything else nobody knows.
        if (error instanceof Fault && error.code !== 'bug' && error.code !== 'store-unavailable') await forget()
        throw error
      }
      await store.db
        .updateTable('idempotent_call')
        .set({ reply: JSON.stringify({ value: reply }) })
        .where('principal', '=', principal)
        .where('key', '=', key)
        .execute()
      return { reply, replayed: false }
    },
  }
}

/** Takes away what is not remembered any more. */
export async function forgetOldCalls(store: Store): Promise<void> {
  await store.db
    .deleteFrom('idempotent_call')
    .where('created_at', '<', sql<Date>`now() - make_interval(hours => ${rememberedHours})`)
    .execute()
}
