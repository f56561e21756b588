// How a delegate joins and proves later who it is: a join token once, its Ed25519 key from then on.
import { randomUUID } from 'node:crypto'
import { decodeJwt, errors, jwtVerify } from 'jose'
import { sql } from 'kysely'
import { protocolTimes } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'
import { createToken, hashToken } from '../access/token.ts'
import { recordEvent } from '../audit/record.ts'
import type { Call, Protocol, ProtocolHandlers } from '../http/handler.ts'
import { joinTokenIsValid } from '../access/join-token.ts'
import type { StoreTransaction } from '../store/port.ts'
import type { ProtocolDependencies } from './dependency.ts'
import { checkSealingKey, checkSignature, readSigningKey } from './key.ts'

/** Seconds that the clock of a delegate may be off; within them a used assertion is remembered. */
const clockTolerance = 300

export function joinHandlers({
  store,
  random,
}: ProtocolDependencies): Pick<ProtocolHandlers, 'register' | 'accessToken'> {
  return {
    register: async ({ body, caller }) => {
      checkSealingKey(body.sealingKey)
      const proven = `sluice-register-v1|${body.token}|${body.signingKey}|${body.sealingKey}`
      checkSignature(readSigningKey(body.signingKey), proven, body.proof, 'proof')
      return store.transaction((tx) => joinDelegate(tx, body, caller.sourceAddress))
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

type Registration = Call<Protocol['register']>['body']

/** The same key is the same delegate: an answer that got lost, or one that joins again, perhaps with another token. */
async function joinDelegate(
  tx: StoreTransaction,
  body: Registration,
  sourceAddress: string,
): Promise<{ delegate: string; account: string }> {
  const joined = await findJoinToken(tx, body)
  const fields = {
    token_id: joined.id,
    organization_id: joined.organization_id,
    project_id: joined.project_id,
    name: body.name,
    tags: JSON.stringify(body.tags),
    version: body.version,
    sealing_key: body.sealingKey,
  }
  const { id } = await tx
    .insertInto('delegate')
    .values({ id: randomUUID(), signing_key: body.signingKey, ...fields })
    .onConflict((conflict) => conflict.column('signing_key').doUpdateSet(fields))
    .returning('id')
    .executeTakeFirstOrThrow()
  const account = await tx.selectFrom('account').select('id').executeTakeFirstOrThrow()
  const after = { name: body.name, tags: body.tags, version: body.version }
  await recordEvent(tx, {
    actor: { type: 'delegate', name: body.name },
    sourceAddress,
    body: { type: 'entity.created', kind: 'delegate', identifier: id, after },
  })
  return { delegate: id, account: account.id }
}

/** Locks the token, so that a one-time token lets in one of two that come at once. A delegate that joins again uses nothing up. */
async function findJoinToken(tx: StoreTransaction, { token, signingKey }: Registration) {
  const hash = hashToken(token)
  const joined = await tx
    .selectFrom('delegate_token as joined')
    .where(
      sql<boolean>`(joined.token_hash = ${hash} or joined.previous_hash = ${hash} and joined.previous_until > now())`,
    )
    .where(joinTokenIsValid)
    .select(['id', 'organization_id', 'project_id', 'uses_left'])
    .forUpdate()
    .executeTakeFirst()
  if (joined === undefined) {
    throw new Fault('unauthenticated', 'The delegate token is not valid, is over, or was revoked.', {
      hint: 'Create a delegate token and start the delegate with it.',
    })
  }
  const known = await tx
    .selectFrom('delegate')
    .where('signing_key', '=', signingKey)
    .where('token_id', '=', joined.id)
    .select('id')
    .executeTakeFirst()
  if (known !== undefined || joined.uses_left === null) return joined
  if (joined.uses_left === 0) {
    throw new Fault('unauthenticated', 'The delegate token was used up: another delegate has joined with it.', {
      hint: 'Create another delegate token. If nobody of yours used this one, revoke it: that disconnects who did.',
    })
  }
  await tx
    .updateTable('delegate_token')
    .set({ uses_left: joined.uses_left - 1 })
    .where('id', '=', joined.id)
    .execute()
  return joined
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
    .select(sql<string | null>`case when previous_key_until > now() then previous_signing_key end`.as('previous_key'))
    .executeTakeFirst()
  if (row === undefined) throw refused('the delegate is not registered, or its token was revoked')
  const verifyBy = (key: string) =>
    jwtVerify(assertion, readSigningKey(key), {
      algorithms: ['EdDSA'],
      audience: 'sluice-manager',
      issuer: claimed,
      subject: claimed,
      maxTokenAge: protocolTimes.assertionSeconds,
      clockTolerance,
      requiredClaims: ['jti', 'exp', 'iat'],
    })
  try {
    const { payload } = await verifyBy(row.signing_key).catch((error: unknown) => {
      if (!(error instanceof errors.JWSSignatureVerificationFailed) || row.previous_key === null) throw error
      return verifyBy(row.previous_key)
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
