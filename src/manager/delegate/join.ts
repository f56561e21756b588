// How a delegate joins and proves later who it is: a join token once, its Ed25519 key from then on.
import { createPublicKey, type KeyObject, randomUUID, verify } from 'node:crypto'
import { decodeJwt, errors, jwtVerify } from 'jose'
import { sql } from 'kysely'
import { protocolTimes } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'
import { createToken, hashToken } from '../access/token.ts'
import { recordEvent } from '../audit/record.ts'
import type { ProtocolHandlers } from '../http/handler.ts'
import { joinTokenIsValid } from '../access/join-token.ts'
import type { ProtocolDependencies } from './dependency.ts'

/** Seconds that the clock of a delegate may be off; within them a used assertion is remembered. */
const clockTolerance = 300

export function joinHandlers({
  store,
  random,
}: ProtocolDependencies): Pick<ProtocolHandlers, 'register' | 'accessToken'> {
  return {
    register: async ({ body, caller }) => {
      const signingKey = readSigningKey(body.signingKey)
      checkSealingKey(body.sealingKey)
      const proven = `sluice-register-v1|${body.token}|${body.signingKey}|${body.sealingKey}`
      if (!verify(null, Buffer.from(proven), signingKey, Buffer.from(body.proof, 'base64url'))) {
        throw new Fault('unauthenticated', 'The proof is not a signature of this registration by its signing key.')
      }
      return store.transaction(async (tx) => {
        const joined = await tx
          .selectFrom('delegate_token as joined')
          .where('token_hash', '=', hashToken(body.token))
          .where(joinTokenIsValid)
          .select('id')
          .executeTakeFirst()
        if (joined === undefined) {
          throw new Fault('unauthenticated', 'The delegate token is not valid or was revoked.', {
            hint: 'Create a delegate token and start the delegate with it.',
          })
        }
        const fields = {
          token_id: joined.id,
          name: body.name,
          tags: JSON.stringify(body.tags),
          version: body.version,
          sealing_key: body.sealingKey,
        }
        // The same key is the same delegate: an answer that got lost, or one that joins again with another token.
        const { id } = await tx
          .insertInto('delegate')
          .values({ id: randomUUID(), signing_key: body.signingKey, ...fields })
          .onConflict((conflict) => conflict.column('signing_key').doUpdateSet(fields))
          .returning('id')
          .executeTakeFirstOrThrow()
        const account = await tx.selectFrom('account').select('id').executeTakeFirstOrThrow()
        await recordEvent(tx, {
          actor: { type: 'delegate', name: body.name },
          sourceAddress: caller.sourceAddress,
          body: {
            type: 'entity.created',
            kind: 'delegate',
            identifier: id,
            after: { name: body.name, tags: body.tags, version: body.version },
          },
        })
        return { delegate: id, account: account.id }
      })
    },
    accessToken: async ({ body }) => {
      const { delegate, jti, expires } = await verifyAssertion(store, body.assertion)
      const accessToken = createToken(random)
      return store.transaction(async (tx) => {
        const used = await tx
          .insertInto('used_assertion')
          .values({ jti: `${delegate}/${jti}`, expires_at: new Date((expires + 2 * clockTolerance) * 1000) })
          .onConflict((conflict) => conflict.column('jti').doNothing())
          .returning('jti')
          .executeTakeFirst()
        if (used === undefined) throw refused('it was used before')
        const row = await tx
          .insertInto('delegate_access_token')
          .values({
            token_hash: hashToken(accessToken),
            delegate_id: delegate,
            expires_at: sql<Date>`now() + make_interval(secs => ${protocolTimes.accessTokenSeconds})` as never,
          })
          .returning('expires_at')
          .executeTakeFirstOrThrow()
        return { accessToken, expiresAt: row.expires_at.getTime() }
      })
    },
  }
}

async function verifyAssertion(
  store: ProtocolDependencies['store'],
  assertion: string,
): Promise<{ delegate: string; jti: string; expires: number }> {
  const claimed = readSubject(assertion)
  const row = await store.db
    .selectFrom('delegate')
    .innerJoin('delegate_token as joined', 'joined.id', 'delegate.token_id')
    .where('delegate.id', '=', claimed)
    .where(joinTokenIsValid)
    .select('signing_key')
    .executeTakeFirst()
  if (row === undefined) throw refused('the delegate is not registered, or its token was revoked')
  try {
    const { payload } = await jwtVerify(assertion, readSigningKey(row.signing_key), {
      algorithms: ['EdDSA'],
      audience: 'sluice-manager',
      issuer: claimed,
      subject: claimed,
      maxTokenAge: protocolTimes.assertionSeconds,
      clockTolerance,
      requiredClaims: ['jti', 'exp', 'iat'],
    })
    const { jti = '', exp = 0, iat = 0 } = payload
    if (jti === '' || jti.length > 128) throw refused('its id is empty or too long')
    if (exp - iat > protocolTimes.assertionSeconds) throw refused('it is valid for too long')
    return { delegate: claimed, jti, expires: exp }
  } catch (error) {
    if (error instanceof errors.JOSEError) throw refused(error.message)
    throw error
  }
}

function readSubject(assertion: string): string {
  try {
    const { sub } = decodeJwt(assertion)
    if (typeof sub === 'string' && sub.length <= 64 && !sub.includes('\0')) return sub
  } catch {
    // Not a JWT at all: refused below.
  }
  throw refused('it names no delegate')
}

function refused(reason: string): Fault {
  return new Fault('unauthenticated', `The assertion is refused: ${reason}.`, {
    hint: 'Check the clock of the delegate; register it again when it was removed.',
  })
}

function readSigningKey(base64url: string): KeyObject {
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: base64url }, format: 'jwk' })
  } catch {
    throw new Fault('invalid-input', 'signingKey: not a raw Ed25519 public key in base64url.')
  }
}

function checkSealingKey(base64url: string): void {
  try {
    createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: base64url }, format: 'jwk' })
  } catch {
    throw new Fault('invalid-input', 'sealingKey: not a raw X25519 public key in base64url.')
  }
}
