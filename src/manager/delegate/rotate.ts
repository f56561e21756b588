// A delegate replaces its keys: the new ones are endorsed by the old, which stays good for a day, so that an answer that is lost
// or a delegate that is set back to a copy of its directory locks nobody out.
import { sql } from 'kysely'
import { Fault } from '#contract/fault'
import { recordEvent } from '../audit/record.ts'
import type { ProtocolHandlers } from '../http/handler.ts'
import { isUniqueViolation } from '../store/error.ts'
import type { ProtocolDependencies } from './dependency.ts'
import { checkSealingKey, checkSignature, readSigningKey } from './key.ts'

const oldKeyHours = 24

export function rotateHandler({ store }: ProtocolDependencies): ProtocolHandlers['rotateKeys'] {
  return async ({ body, caller }) => {
    const id = caller.delegate?.id ?? ''
    const { signingKey, sealingKey } = body
    checkSealingKey(sealingKey)
    const text = `sluice-rotate-v1|${id}|${signingKey}|${sealingKey}`
    checkSignature(readSigningKey(signingKey), text, body.proof, 'proof')
    try {
      await store.transaction(async (tx) => {
        const row = await tx
          .selectFrom('delegate')
          .where('id', '=', id)
          .select(['name', 'signing_key', 'sealing_key'])
          .forUpdate()
          .executeTakeFirst()
        if (!row) throw new Fault('unauthenticated', 'This delegate was removed.')
        // The answer to an earlier call did not get through.
        if (row.signing_key === signingKey && row.sealing_key === sealingKey) return
        checkSignature(readSigningKey(row.signing_key), text, body.endorsement, 'endorsement')
        await tx
          .updateTable('delegate')
          .set({
            signing_key: signingKey,
            sealing_key: sealingKey,
            key_rotation_asked: false,
            previous_signing_key: row.signing_key,
            previous_key_until: sql<Date>`now() + make_interval(hours => ${oldKeyHours})`,
          })
          .where('id', '=', id)
          .execute()
        const [before, after] = [{ signingKey: row.signing_key }, { signingKey }]
        await recordEvent(tx, {
          actor: caller.actor,
          sourceAddress: caller.sourceAddress,
          body: { type: 'entity.updated', kind: 'delegate', identifier: id, before, after },
        })
      })
    } catch (error) {
      if (isUniqueViolation(error)) throw new Fault('conflict', 'Another delegate has this key.')
      throw error
    }
    return null
  }
}
