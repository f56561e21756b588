// Hashes of passwords: scrypt with the parameters that OWASP recommends, one at a time because each takes 128 MiB.
import { scrypt, timingSafeEqual } from 'node:crypto'
import { Fault } from '#contract/fault'
import type { RandomBytes } from '../access/token.ts'

export interface PasswordHasher {
  /** `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>`, base64url. */
  hash(password: string): Promise<string>
  /** With an undefined hash it works as long and says no, so that the time does not tell who exists. */
  verify(password: string, hash: string | undefined): Promise<boolean>
}

interface Parameters {
  /** log2 of N. */
  readonly cost: number
  readonly blockSize: number
  readonly parallel: number
}
const recommended: Parameters = { cost: 17, blockSize: 8, parallel: 1 }
const hashBytes = 32
/** More than these waiting means that somebody floods the sign-in. */
const maxWaiting = 50

function derive(password: string, salt: Uint8Array, { cost, blockSize, parallel }: Parameters): Promise<Buffer> {
  const N = 2 ** cost
  const maxmem = 128 * N * blockSize + 1_048_576
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, hashBytes, { N, r: blockSize, p: parallel, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  )
}

function format(salt: Uint8Array, key: Uint8Array, { cost, blockSize, parallel }: Parameters): string {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
  return ['scrypt', cost, blockSize, parallel, text(salt), text(key)].join('$')
}

function parse(hash: string): { salt: Buffer; key: Buffer; parameters: Parameters } {
  const [name, cost, blockSize, parallel, salt, key] = hash.split('$')
  if (name !== 'scrypt' || salt === undefined || key === undefined) throw new Error('a stored password hash is damaged')
  return {
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
    parameters: { cost: Number(cost), blockSize: Number(blockSize), parallel: Number(parallel) },
  }
}

/** `cost` is only lowered by tests; a stored hash keeps the parameters that it was made with. */
export function createPasswordHasher(random: RandomBytes, cost = recommended.cost): PasswordHasher {
  const parameters = { ...recommended, cost }
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting >= maxWaiting)
      throw new Fault('too-many-requests', 'Too many sign-ins at once.', { retryAfterSeconds: 10 })
    waiting += 1
    const result = last.then(work).finally(() => (waiting -= 1))
    last = result.catch(() => undefined)
    return result
  }
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = random(16)
        return format(salt, await derive(password, salt, parameters), parameters)
      }),
    verify: (password, hash) =>
      inTurn(async () => {
        if (hash === undefined) return (await derive(password, random(16), parameters)).length === 0
        const stored = parse(hash)
        return timingSafeEqual(await derive(password, stored.salt, stored.parameters), stored.key)
      }),
  }
}
