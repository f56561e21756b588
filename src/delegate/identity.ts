// Who the delegate is: an Ed25519 key that signs and an X25519 key that opens secrets. Both never leave its directory.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { z } from 'zod'
import { createSealingKeys, type SealingKeys } from '#contract/delegate/seal'
import { protocolTimes } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'

const identitySchema = z.object({
  version: z.literal(1),
  /** PKCS #8 in PEM. */
  signingKey: z.string(),
  sealing: z.object({ publicKey: z.string(), privateKey: z.string() }),
  /** Id that the manager gave; absent before the first registration. */
  delegate: z.string().optional(),
})
type Stored = z.infer<typeof identitySchema>

export interface Identity {
  readonly delegate: string | undefined
  readonly sealing: SealingKeys
  /** Raw public key, base64url. */
  readonly signingKey: string
  /** Proof of holding the signing key, for a registration with this join token. */
  prove(token: string): string
  /** A short JWT that stands for the delegate. Raises Fault `unauthenticated` before it is registered. */
  assert(now: number, id: string): Promise<string>
  /** Keeps the id that the manager gave. */
  registered(delegate: string): Promise<void>
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

function createKeys(): Stored {
  const { privateKey } = generateKeyPairSync('ed25519')
  const signingKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { version: 1, signingKey, sealing: createSealingKeys() }
}

async function readOrCreate(directory: string): Promise<Stored> {
  const text = await readFile(join(directory, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) {
    const stored = createKeys()
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

/** Reads the identity of a directory, or makes one. Times in epoch milliseconds. */
export async function openIdentity(directory: string): Promise<Identity> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  let stored = await readOrCreate(directory)
  const key = createPrivateKey(stored.signingKey)
  const signingKey = rawPublicKey(key)
  const { sealing } = stored
  return {
    get delegate() {
      return stored.delegate
    },
    sealing,
    signingKey,
    prove: (token) =>
      sign(null, Buffer.from(`sluice-register-v1|${token}|${signingKey}|${sealing.publicKey}`), key).toString(
        'base64url',
      ),
    async assert(now, id) {
      const { delegate } = stored
      if (delegate === undefined) throw new Fault('unauthenticated', 'This delegate is not registered.')
      const issued = Math.floor(now / 1000)
      return await new SignJWT({})
        .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
        .setIssuer(delegate)
        .setSubject(delegate)
        .setAudience('sluice-manager')
        .setJti(id)
        .setIssuedAt(issued)
        .setExpirationTime(issued + protocolTimes.assertionSeconds - 5)
        .sign(key)
    },
    async registered(delegate) {
      stored = { ...stored, delegate }
      await write(directory, stored)
    },
  }
}
