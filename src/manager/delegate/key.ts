// The public keys of delegates as they arrive: raw bytes in base64url.
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { Fault } from '#contract/fault'

export function readSigningKey(base64url: string): KeyObject {
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: base64url }, format: 'jwk' })
  } catch {
    throw new Fault('invalid-input', 'signingKey: not a raw Ed25519 public key in base64url.')
  }
}

export function checkSealingKey(base64url: string): void {
  try {
    createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: base64url }, format: 'jwk' })
  } catch {
    throw new Fault('invalid-input', 'sealingKey: not a raw X25519 public key in base64url.')
  }
}

/** Raises `unauthenticated` when `signature` (base64url) is not one of `text` by the key. */
export function checkSignature(key: KeyObject, text: string, signature: string, what: string): void {
  if (verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))) return
  throw new Fault('unauthenticated', `The ${what} is not a signature by its signing key.`)
}
