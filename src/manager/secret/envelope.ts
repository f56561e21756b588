// Envelope encryption of the built-in secret store: a data key for each secret, wrapped by the root key. AES-256-GCM both.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { Fault } from '#contract/fault'
import type { RandomBytes } from '../access/token.ts'

/** Where a secret lives. Ciphertext that is moved to another place does not open there. */
export interface SecretPlace {
  readonly projectId: string
  readonly identifier: string
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
  return Buffer.from(JSON.stringify(['sluice-secret', version, layer, place.projectId, place.identifier]), 'utf8')
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

/** `v1.<root key id>.<wrapped data key>.<value>`, the last two base64url of nonce ‖ ciphertext ‖ tag. */
export function sealEnvelope(rootKey: Uint8Array, value: string, place: SecretPlace, random: RandomBytes): string {
  const dataKey = random(keyBytes)
  const wrapped = encrypt(rootKey, dataKey, additionalData(place, 'data-key'), random)
  const sealed = encrypt(dataKey, Buffer.from(value, 'utf8'), additionalData(place, 'value'), random)
  dataKey.fill(0)
  return [version, rootKeyId(rootKey), wrapped.toString('base64url'), sealed.toString('base64url')].join('.')
}

/** Raises `secret-unresolved` when the root key is another one, or the ciphertext was changed or belongs elsewhere. */
export function openEnvelope(rootKey: Uint8Array, envelope: string, place: SecretPlace): string {
  const [found, keyId, wrapped = '', sealed = ''] = envelope.split('.')
  const refuse = (reason: string, hint: string, cause?: unknown) =>
    new Fault('secret-unresolved', `The secret ${place.identifier} cannot be opened: ${reason}.`, { hint, cause })
  if (found !== version)
    throw refuse('its format is not known', 'Use the version of Sluice that wrote it, or a newer one.')
  if (keyId !== rootKeyId(rootKey))
    throw refuse(
      `it was encrypted with the root key ${keyId}, and this is ${rootKeyId(rootKey)}`,
      'Give the manager the root key that belongs to this store, or write the value of the secret again.',
    )
  try {
    const dataKey = decrypt(rootKey, Buffer.from(wrapped, 'base64url'), additionalData(place, 'data-key'))
    return decrypt(dataKey, Buffer.from(sealed, 'base64url'), additionalData(place, 'value')).toString('utf8')
  } catch (cause) {
    throw refuse('its ciphertext is damaged or was moved', 'Write the value of the secret again.', cause)
  }
}
