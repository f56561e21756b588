// Opaque tokens: random, shown once, kept only as a hash.
import { createHash, timingSafeEqual } from 'node:crypto'

export type RandomBytes = (size: number) => Uint8Array

/** 32 random bytes, base64url. */
export function createToken(random: RandomBytes): string {
  return Buffer.from(random(32)).toString('base64url')
}

/** SHA-256, hex. No salt and no slow hash: what is hashed is random, there is nothing to guess. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex')
}

/** Compares in a time that does not depend on where they differ. */
export function sameText(one: string, other: string): boolean {
  const [left, right] = [hashToken(one), hashToken(other)]
  return timingSafeEqual(Buffer.from(left), Buffer.from(right))
}
