// The transit engine of HashiCorp Vault and OpenBao as the key service of the root key: it encrypts and decrypts, its key never leaves it.
import { readAtMost } from '#contract/body'
import type { Fetch } from '#contract/client'
import { Fault } from '#contract/fault'
import type { KeyService } from './root-key.ts'

export interface TransitOptions {
  /** `https://vault.example.com:8200/v1/transit/keys/sluice`: as its API names the key. */
  readonly address: string
  readonly namespace?: string | undefined
  /** Read for each call, because whoever keeps the token fresh replaces it. */
  readonly token: () => string
  readonly fetch: Fetch
}

const answerWithin = 15_000
const answerLimit = 65_536
/** In the clear only to an agent on the same machine: the root key is what travels. */
const keyAddress = /^((?:https:\/\/[^/]+|http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?)\/v1\/.+)\/keys\/([^/]+)$/

/** Raises `usage` for an address that names no key. Calls raise `secret-manager-unreachable` and `secret-manager-refused`. */
export function createTransit({ address, namespace, token, fetch }: TransitOptions): KeyService {
  const [, engine, key] = keyAddress.exec(address.replace(/\/+$/, '')) ?? []
  if (engine === undefined || key === undefined)
    throw new Fault('usage', `The key service ${address} is no address of a key of a transit engine.`, {
      hint: 'Write it as https://vault.example.com:8200/v1/transit/keys/sluice.',
    })

  async function call(action: 'encrypt' | 'decrypt', body: object, signal: AbortSignal): Promise<string> {
    const url = `${engine}/${action}/${key}`
    const headers = {
      'content-type': 'application/json',
      'x-vault-token': token(),
      'x-vault-request': 'true',
      ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
    }
    const limited = AbortSignal.any([signal, AbortSignal.timeout(answerWithin)])
    // A redirect could lead the token to another host.
    const init = { method: 'POST', headers, body: JSON.stringify(body), redirect: 'manual', signal: limited } as const
    let response: Response
    let bytes: Uint8Array
    try {
      response = await fetch(url, init)
      ;({ bytes } = await readAtMost(response, answerLimit))
    } catch (cause) {
      signal.throwIfAborted()
      throw new Fault('secret-manager-unreachable', `The key service ${url} did not answer.`, { cause })
    }
    const found = fieldOf(bytes, action === 'encrypt' ? 'ciphertext' : 'plaintext')
    if (response.status === 200 && found !== undefined) return found
    throw new Fault('secret-manager-refused', `The key service refused ${url}: HTTP ${response.status}.`, {
      hint: `Give the policy of the token update on ${new URL(url).pathname.slice('/v1/'.length)}, and check that the key is there.`,
    })
  }
  return {
    // What an engine wraps begins with `vault:` and the version of its key by itself.
    mark: '',
    wrap: (plain, signal) => call('encrypt', { plaintext: Buffer.from(plain).toString('base64') }, signal),
    unwrap: async (wrapped, signal) =>
      new Uint8Array(Buffer.from(await call('decrypt', { ciphertext: wrapped }, signal), 'base64')),
  }
}

function fieldOf(bytes: Uint8Array, name: string): string | undefined {
  try {
    const { data } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { data?: Record<string, unknown> }
    const value = data?.[name]
    return typeof value === 'string' && value !== '' && !/\s/.test(value) ? value : undefined
  } catch {
    return undefined
  }
}
