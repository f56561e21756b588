// Who the delegate is: an Ed25519 key that signs and an X25519 key that opens secrets. Both never leave its directory.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { z } from 'zod'
import { createSealingKeys } from '#contract/delegate/seal'
import { protocolTimes } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'

const keysSchema = z.object({
  /** PKCS #8 in PEM. */
  signingKey: z.string(),
  sealing: z.object({ publicKey: z.string(), privateKey: z.string() }),
})
type Keys = z.infer<typeof keysSchema>

const identitySchema = keysSchema.extend({
  version: z.literal(1),
  /** Id that the manager gave; absent before the first registration. */
  delegate: z.string().optional(),
  /** Keys that shall replace these: on disk before the manager hears of them, so that none is ever lost. */
  next: keysSchema.optional(),
  /** Key before the last rotation: opens what was sealed a moment before it. */
  previousSealingKey: z.string().optional(),
  /** Random id of the last process that worked on the directory. */
  instance: z.string().optional(),
})
type Stored = z.infer<typeof identitySchema>

export interface RotationRequest {
  readonly signingKey: string
  readonly sealingKey: string
  readonly proof: string
  readonly endorsement: string
}

export interface Identity {
  readonly delegate: string | undefined
  /** Private keys that open secrets: the present one first. */
  readonly sealingKeys: readonly string[]
  /** Raw public keys, base64url. */
  readonly signingKey: string
  readonly sealingKey: string
  /** Proof of holding the signing key, for a registration with this join token. */
  prove(token: string): string
  /** A short JWT that stands for the delegate. Raises Fault `unauthenticated` before it is registered. */
  assert(now: number, id: string): Promise<string>
  /** Keeps the id that the manager gave. */
  registered(delegate: string): Promise<void>
  /** Makes new keys, or takes those of a rotation that was not finished, and signs for them with old and new. */
  prepareRotation(): Promise<RotationRequest>
  /** A rotation was begun and its end is not known. */
  readonly rotating: boolean
  /** The manager knows the new keys: they are the keys from now on. */
  rotated(): Promise<void>
  /** Notes which process works now; gives the one before. Call while the directory is locked. */
  takeOver(instance: string): Promise<string | undefined>
}

const file = 'identity.json'

async function write(directory: string, stored: Stored): Promise<void> {
  const path = join(directory, file)
  const handle = await open(`${path}.new`, 'w', 0o600)
  try {
    await handle.writeFile(JSON.stringify(stored))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${path}.new`, path)
}

function createKeys(): Keys {
  const { privateKey } = generateKeyPairSync('ed25519')
  const signingKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { signingKey, sealing: createSealingKeys() }
}

async function readOrCreate(directory: string): Promise<Stored> {
  const text = await readFile(join(directory, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) {
    const stored: Stored = { version: 1, ...createKeys() }
    await write(directory, stored)
    return stored
  }
  try {
    return identitySchema.parse(JSON.parse(text))
  } catch {
    throw new Fault('invalid-input', `${join(directory, file)} is not an identity of a delegate.`, {
      hint: 'Restore it, or remove it and register the delegate anew with a token.',
    })
  }
}

function rawPublicKey(key: KeyObject): string {
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return x ?? ''
}

const signText = (privateKey: string, text: string): string =>
  sign(null, Buffer.from(text), createPrivateKey(privateKey)).toString('base64url')
const publicOf = (privateKey: string): string => rawPublicKey(createPrivateKey(privateKey))

function assertion(stored: Stored, now: number, id: string): Promise<string> {
  const { delegate } = stored
  if (delegate === undefined) throw new Fault('unauthenticated', 'This delegate is not registered.')
  const issued = Math.floor(now / 1000)
  return new SignJWT({})
    .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
    .setIssuer(delegate)
    .setSubject(delegate)
    .setAudience('sluice-manager')
    .setJti(id)
    .setIssuedAt(issued)
    .setExpirationTime(issued + protocolTimes.assertionSeconds - 5)
    .sign(createPrivateKey(stored.signingKey))
}

function rotationRequest(stored: Stored, next: Keys): RotationRequest {
  const [signingKey, sealingKey] = [publicOf(next.signingKey), next.sealing.publicKey]
  const text = `sluice-rotate-v1|${stored.delegate ?? ''}|${signingKey}|${sealingKey}`
  return {
    signingKey,
    sealingKey,
    proof: signText(next.signingKey, text),
    endorsement: signText(stored.signingKey, text),
  }
}

/** Reads the identity of a directory, or makes one. Times in epoch milliseconds. */
export async function openIdentity(directory: string): Promise<Identity> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  let stored = await readOrCreate(directory)
  const keep = async (change: Partial<Stored>): Promise<void> => {
    stored = { ...stored, ...change }
    await write(directory, stored)
  }
  return {
    get delegate() {
      return stored.delegate
    },
    get sealingKeys() {
      // The manager may know the new keys already although its answer did not arrive.
      const keys = [stored.sealing.privateKey, stored.next?.sealing.privateKey, stored.previousSealingKey]
      return keys.filter((key) => key !== undefined)
    },
    get signingKey() {
      return publicOf(stored.signingKey)
    },
    get sealingKey() {
      return stored.sealing.publicKey
    },
    get rotating() {
      return stored.next !== undefined
    },
    prove(token) {
      const text = `sluice-register-v1|${token}|${publicOf(stored.signingKey)}|${stored.sealing.publicKey}`
      return signText(stored.signingKey, text)
    },
    assert: async (now, id) => assertion(stored, now, id),
    registered: (delegate) => keep({ delegate }),
    async prepareRotation() {
      const next = stored.next ?? createKeys()
      if (!stored.next) await keep({ next })
      return rotationRequest(stored, next)
    },
    async rotated() {
      const { next, sealing } = stored
      if (next) await keep({ ...next, next: undefined, previousSealingKey: sealing.privateKey })
    },
    async takeOver(instance) {
      const before = stored.instance
      await keep({ instance })
      return before
    },
  }
}
