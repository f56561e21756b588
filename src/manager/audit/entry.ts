// One link of the audit trail: its text, its hash and the signature. Needs nothing but the texts, so that a file can be verified
// anywhere (verify.ts).
import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto'

/** What is kept of a link. `entry` is JSON text; it is hashed as it stands and never written anew. */
export interface AuditLink {
  readonly sequence: string
  readonly entry: string
  /** SHA-256 of `entry`, hex. */
  readonly hash: string
  /** Ed25519 over `<sequence>:<hash>`, base64; on the last link of each batch. */
  readonly signature: string | null
}

/** What the text of an entry says. `previous` is the hash of the entry before it; '' for the first. */
export interface AuditEntry {
  readonly sequence: string
  readonly previous: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly event: string
  readonly actor: { readonly type: string; readonly name: string }
  readonly sourceAddress: string | null
  readonly organization: string | null
  readonly project: string | null
  readonly execution: string | null
  readonly body: unknown
  /** SHA-256 (hex) of the JSON array of statements that a change set ran, byte for byte. */
  readonly sqlDigest?: string
}

export const hashText = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')

export function linkOf(entry: AuditEntry): Omit<AuditLink, 'signature'> {
  const text = JSON.stringify(entry)
  return { sequence: entry.sequence, entry: text, hash: hashText(text) }
}

/** The start of a PKCS #8 document around a 32-byte Ed25519 seed (RFC 8410). */
const pkcs8Start = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The key that signs, and those from before the root key was replaced, which still verify what they signed. */
export interface SigningKeys {
  readonly current: KeyObject
  readonly older: readonly KeyObject[]
}

/** Made from the keys that also wrap the secrets; they never stand in the store. */
export function signingKeys(rootKeys: {
  readonly current: Uint8Array
  readonly older: readonly Uint8Array[]
}): SigningKeys {
  return { current: signingKey(rootKeys.current), older: rootKeys.older.map(signingKey) }
}

function signingKey(rootKey: Uint8Array): KeyObject {
  const seed = Buffer.from(hkdfSync('sha256', rootKey, '', 'sluice audit trail', 32))
  return createPrivateKey({ key: Buffer.concat([pkcs8Start, seed]), format: 'der', type: 'pkcs8' })
}

/** The public half, SPKI as base64. */
export function publicKeyOf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64')
}

const signedText = (sequence: string, hash: string): Buffer => Buffer.from(`${sequence}:${hash}`, 'utf8')

export const signLink = (key: KeyObject, sequence: string, hash: string): string =>
  sign(null, signedText(sequence, hash), key).toString('base64')

/** `publicKeys`: SPKI, base64. One of them must have signed. */
export function isSigned(publicKeys: readonly string[], { sequence, hash, signature }: AuditLink): boolean {
  if (signature === null) return false
  return publicKeys.some((text) => {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
    return verify(null, signedText(sequence, hash), key, Buffer.from(signature, 'base64'))
  })
}
