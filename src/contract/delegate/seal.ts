// Seals a secret to one delegate for one attempt, so that neither a proxy that opens TLS nor another attempt can read it.
// X25519 (ephemeral to static) → HKDF-SHA256 → AES-256-GCM. The binding is authenticated and also enters the key.
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import { Fault } from '../fault.ts'

/** What a box is good for: opened with any other value of these, it fails. */
export interface SealBinding {
  readonly attempt: string
  readonly fence: string
  /** Reference of the secret, as it stands in the spec. */
  readonly ref: string
}
/** Raw 32-byte X25519 keys, base64url. */
export interface SealingKeys {
  readonly publicKey: string
  readonly privateKey: string
}

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
// node:crypto takes X25519 keys as DER only; these are the constant headers before the raw 32 bytes (RFC 8410).
const publicKeyHeader = Buffer.from('302a300506032b656e032100', 'hex')
const privateKeyHeader = Buffer.from('302e020100300506032b656e04220420', 'hex')

function rawKey(base64url: string, what: string): Buffer {
  const raw = Buffer.from(base64url, 'base64url')
  if (raw.length !== keyBytes) throw new Fault('invalid-input', `The ${what} must be 32 bytes in base64url.`)
  return raw
}

const publicKeyObject = (raw: Buffer): KeyObject =>
  createPublicKey({ key: Buffer.concat([publicKeyHeader, raw]), format: 'der', type: 'spki' })
const privateKeyObject = (raw: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([privateKeyHeader, raw]), format: 'der', type: 'pkcs8' })
const rawPublicKey = (key: KeyObject): Buffer => {
  const der = key.export({ format: 'der', type: 'spki' })
  return der.subarray(der.length - keyBytes)
}

/** A fresh pair for a delegate: the public half goes into its registration, the private half stays with it. */
export function createSealingKeys(): SealingKeys {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const der = privateKey.export({ format: 'der', type: 'pkcs8' })
  return {
    publicKey: rawPublicKey(publicKey).toString('base64url'),
    privateKey: der.subarray(der.length - keyBytes).toString('base64url'),
  }
}

/** Keys of low order, which would give everyone the same secret, are refused by OpenSSL. */
function agree(privateKey: KeyObject, recipient: Buffer): Buffer {
  try {
    return diffieHellman({ privateKey, publicKey: publicKeyObject(recipient) })
  } catch (cause) {
    throw new Fault('invalid-input', 'The sealing key is not a usable X25519 key.', { cause })
  }
}

/** A JSON array, because its text is the same everywhere and no value can spill into its neighbour. */
const additionalData = ({ attempt, fence, ref }: SealBinding): Buffer =>
  Buffer.from(JSON.stringify(['sluice-seal-v1', attempt, fence, ref]), 'utf8')

function deriveKey(shared: Buffer, ephemeral: Buffer, recipient: Buffer, aad: Buffer): { key: Buffer; nonce: Buffer } {
  const salt = Buffer.concat([ephemeral, recipient])
  const bytes = Buffer.from(hkdfSync('sha256', shared, salt, hkdfInfo(aad), keyBytes + nonceBytes))
  return { key: bytes.subarray(0, keyBytes), nonce: bytes.subarray(keyBytes) }
}

/** Node limits `info` to 1024 bytes: a short binding goes in as it is, which all are in practice; longer ones are refused. */
function hkdfInfo(aad: Buffer): Buffer {
  if (aad.length > 1024)
    throw new Fault('invalid-input', 'Attempt, fence and secret reference are too long to seal for.')
  return aad
}

/**
 * Seals `secret` (UTF-8) to the delegate's public key (raw X25519, base64url).
 * Gives base64 of ephemeral public key ‖ ciphertext ‖ tag: 48 bytes more than the secret.
 */
export function sealBox(recipientKey: string, secret: string, binding: SealBinding): string {
  const recipient = rawKey(recipientKey, 'sealing key')
  const pair = generateKeyPairSync('x25519')
  const ephemeral = rawPublicKey(pair.publicKey)
  const shared = agree(pair.privateKey, recipient)
  const aad = additionalData(binding)
  const { key, nonce } = deriveKey(shared, ephemeral, recipient, aad)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(aad)
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return Buffer.concat([ephemeral, sealed, cipher.getAuthTag()]).toString('base64')
}

/** Opens a box of `sealBox`. Raises `secret-unresolved` when it was changed, or sealed for another key, attempt, fence or reference. */
export function openBox(privateKey: string, box: string, binding: SealBinding): string {
  const own = privateKeyObject(rawKey(privateKey, 'private sealing key'))
  try {
    const bytes = Buffer.from(box, 'base64')
    if (bytes.length < keyBytes + tagBytes) throw new Error('too short')
    const ephemeral = bytes.subarray(0, keyBytes)
    const shared = diffieHellman({ privateKey: own, publicKey: publicKeyObject(ephemeral) })
    const aad = additionalData(binding)
    const { key, nonce } = deriveKey(shared, ephemeral, rawPublicKey(createPublicKey(own)), aad)
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
      .setAAD(aad)
      .setAuthTag(bytes.subarray(bytes.length - tagBytes))
    const open = decipher.update(bytes.subarray(keyBytes, bytes.length - tagBytes))
    return Buffer.concat([open, decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new Fault('secret-unresolved', `The sealed secret ${binding.ref} cannot be opened by this attempt.`, {
      hint: 'It was sealed for another key or attempt, or was changed on the way. Start the step again.',
      cause,
    })
  }
}
