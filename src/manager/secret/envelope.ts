// Envelope encryption of the built-in secret store: a data key for each secret, wrapped by the root key. AES-256-GCM both.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { Fault } from '#contract/fault'
import type { RandomBytes } from '../access/token.ts'

/** Where a secret lives. Ciphertext that is moved to another place does not open there. */
export interface SecretPlace {
  /** Id of the project, `organization:` and its id, or `account`. */
  readonly owner: string
  readonly identifier: string
}

/** The key that new data keys are wrapped with, and older ones that still open what was wrapped before. 32 bytes each. */
export interface RootKeys {
  readonly current: Uint8Array
  readonly older: readonly Uint8Array[]
}

const version = 'v1'
const nonceBytes = 12
const tagBytes = 16
const keyBytes = 32

/** First bytes of the root key's digest, so that a wrong key is told from damaged data. */
export function rootKeyId(rootKey: Uint8Array): string {
  return createHash('sha256').update('sluice-root-key').update(rootKey).digest('base64url').slice(0, 8)
}

function additionalData(place: SecretPlace, layer: 'data-key' | 'value'): Buffer {
  return Buffer.from(JSON.stringify(['sluice-secret', version, layer, place.owner, place.identifier]), 'utf8')
}

/** nonce ‖ ciphertext ‖ tag. */
function encrypt(key: Uint8Array, plain: Uint8Array, aad: Buffer, random: RandomBytes): Buffer {
  const nonce = random(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(aad)
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Uint8Array, sealed: Buffer, aad: Buffer): Buffer {
  const end = sealed.length - tagBytes
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(aad).setAuthTag(sealed.subarray(end))
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, end)), decipher.final()])
}

const join = (keyId: string, wrapped: Buffer, sealed: string): string =>
  [version, keyId, wrapped.toString('base64url'), sealed].join('.')

/** `v1.<root key id>.<wrapped data key>.<value>`, the last two base64url of nonce ‖ ciphertext ‖ tag. */
export function sealEnvelope(keys: RootKeys, value: Uint8Array, place: SecretPlace, random: RandomBytes): string {
  const dataKey = random(keyBytes)
  const wrapped = encrypt(keys.current, dataKey, additionalData(place, 'data-key'), random)
  const sealed = encrypt(dataKey, value, additionalData(place, 'value'), random)
  dataKey.fill(0)
  return join(rootKeyId(keys.current), wrapped, sealed.toString('base64url'))
}

interface Parts {
  readonly rootKey: Uint8Array
  readonly wrapped: Buffer
  readonly sealed: string
}

function refuse(place: SecretPlace, reason: string, hint: string, cause?: unknown): Fault {
  return new Fault('secret-unresolved', `The secret ${place.identifier} cannot be opened: ${reason}.`, { hint, cause })
}

function partsOf(keys: RootKeys, envelope: string, place: SecretPlace): Parts {
  const [found, keyId = '', wrapped = '', sealed = ''] = envelope.split('.')
  if (found !== version)
    throw refuse(place, 'its format is not known', 'Use the version of Sluice that wrote it, or a newer one.')
  const rootKey = [keys.current, ...keys.older].find((key) => rootKeyId(key) === keyId)
  if (!rootKey)
    throw refuse(
      place,
      `it was encrypted with the root key ${keyId}, and this is ${rootKeyId(keys.current)}`,
      'Give the manager the root key that belongs to this store, or write the value of the secret again.',
    )
  return { rootKey, wrapped: Buffer.from(wrapped, 'base64url'), sealed }
}

const damaged = (place: SecretPlace, cause: unknown): Fault =>
  refuse(place, 'its ciphertext is damaged or was moved', 'Write the value of the secret again.', cause)

/** The bytes of the value. Raises `secret-unresolved` when no root key fits, or the ciphertext was changed or belongs elsewhere. */
export function openEnvelope(keys: RootKeys, envelope: string, place: SecretPlace): Buffer {
  const { rootKey, wrapped, sealed } = partsOf(keys, envelope, place)
  try {
    const dataKey = decrypt(rootKey, wrapped, additionalData(place, 'data-key'))
    return decrypt(dataKey, Buffer.from(sealed, 'base64url'), additionalData(place, 'value'))
  } catch (cause) {
    throw damaged(place, cause)
  }
}

/** The same envelope with its data key wrapped by the current root key; undefined when it is already. The value is not opened. */
export function rewrapEnvelope(
  keys: RootKeys,
  envelope: string,
  place: SecretPlace,
  random: RandomBytes,
): string | undefined {
  const { rootKey, wrapped, sealed } = partsOf(keys, envelope, place)
  if (rootKeyId(rootKey) === rootKeyId(keys.current)) return undefined
  const aad = additionalData(place, 'data-key')
  try {
    const dataKey = decrypt(rootKey, wrapped, aad)
    const again = encrypt(keys.current, dataKey, aad, random)
    dataKey.fill(0)
    return join(rootKeyId(keys.current), again, sealed)
  } catch (cause) {
    throw damaged(place, cause)
  }
}
