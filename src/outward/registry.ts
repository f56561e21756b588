// Reads from a registry of images and artifacts (OCI distribution): manifests and blobs, each held against its digest.
import { createHash } from 'node:crypto'
import { readAtMost } from '#contract/body'
import type { Fetch } from '#contract/client'
import { Fault } from '#contract/fault'

export interface RegistryOptions {
  /** `https://host:port`, without a slash at the end. */
  readonly server: string
  /** `team/changelog`; empty when only the registry itself is asked. */
  readonly repository: string
  readonly credentials: { readonly username?: string | undefined; readonly password?: string | undefined }
  readonly fetch: Fetch
  readonly signal: AbortSignal
}

export interface Registry {
  /** Whether it answers as a registry and takes the credentials. */
  ping(): Promise<void>
  /** A manifest by tag or digest, as bytes, and the type that it was served as. At most 4 MiB. */
  manifest(reference: string): Promise<{ readonly bytes: Buffer; readonly mediaType: string; readonly digest: string }>
  /** At most `limit` bytes; raises Fault `too-large`. */
  blob(digest: string, limit: number): Promise<Buffer>
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ')
const manifestLimit = 4_194_304

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** `Bearer realm="…",service="…"` → its parts, with the scheme in small letters. */
function readChallenge(header: string | null): Readonly<Record<string, string>> {
  const [, scheme = '', rest = ''] = /^\s*(\w+)\s*(.*)$/s.exec(header ?? '') ?? []
  const parts = [...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value] as const)
  return { ...Object.fromEntries(parts), scheme: scheme.toLowerCase() }
}

/** Reads a body up to a limit; raises Fault `too-large`. */
export async function readLimited(response: Response, limit: number, what: string): Promise<Buffer> {
  const { bytes, isWhole } = await readAtMost(response, limit)
  if (!isWhole) throw new Fault('too-large', `${what} has more than ${limit} bytes.`)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/**
 * Signs in as the registry asks for: not at all, by user name and password, or by a token that they buy. Faults: `source-authentication`,
 * `source-reference-not-found`, `source-unreachable`, and `changelog-invalid` for bytes that are not those of their digest.
 */
export function openRegistry(options: RegistryOptions): Registry {
  const { server, repository, credentials, fetch, signal } = options
  const { username, password } = credentials
  const isKnown = username !== undefined || password !== undefined
  const basic = `Basic ${Buffer.from(`${username ?? ''}:${password ?? ''}`, 'utf8').toString('base64')}`
  const subject = repository === '' ? 'the registry' : repository
  let authorization: string | undefined

  async function buyToken({ realm = '', service = '' }: Readonly<Record<string, string>>): Promise<string> {
    if (!URL.canParse(realm)) throw new Fault('source-unreachable', `${server} names no place to sign in at.`)
    const url = new URL(realm)
    // What the registry itself takes in the clear may be sent so; a place beside a safe registry must be safe too.
    if (url.protocol !== 'https:' && !server.startsWith('http:'))
      throw new Fault('source-authentication', `${server} wants its password sent to ${url.origin} without encryption.`)
    if (service !== '') url.searchParams.set('service', service)
    if (repository !== '') url.searchParams.set('scope', `repository:${repository}:pull`)
    const response = await fetch(url.href, { method: 'GET', headers: isKnown ? { authorization: basic } : {}, signal })
    if (!response.ok) {
      await response.body?.cancel()
      throw refusal(response.status, url.origin)
    }
    const { token, access_token: other } = JSON.parse(
      (await readLimited(response, 1_048_576, 'The token')).toString('utf8'),
    ) as { token?: unknown; access_token?: unknown }
    const bought = typeof token === 'string' ? token : other
    if (typeof bought !== 'string') throw new Fault('source-unreachable', `${url.origin} gave no token.`)
    return `Bearer ${bought}`
  }
  function refusal(status: number, where: string): Fault {
    if (status === 401 || status === 403)
      return new Fault('source-authentication', `${where} refused the credentials for ${subject} (${status}).`)
    if (status === 404) return new Fault('source-reference-not-found', `${where} is not there.`)
    return new Fault('source-unreachable', `${where} answered ${status}.`)
  }
  async function get(path: string, accept: string): Promise<Response> {
    const url = `${server}/v2/${path}`
    const send = (): Promise<Response> =>
      fetch(url, { method: 'GET', headers: { accept, ...(authorization ? { authorization } : {}) }, signal })
    let response = await send()
    if (response.status === 401 && authorization === undefined) {
      const challenge = readChallenge(response.headers.get('www-authenticate'))
      await response.body?.cancel()
      authorization = challenge['scheme'] === 'bearer' ? await buyToken(challenge) : basic
      response = await send()
    }
    if (response.ok) return response
    await response.body?.cancel()
    throw refusal(response.status, url)
  }
  async function reached<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof Fault) throw error
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      const words = cause instanceof Error ? cause.message : String(cause)
      throw new Fault('source-unreachable', `${server} cannot be asked for ${subject}: ${words}`, { cause: error })
    }
  }
  function held(bytes: Buffer, digest: string): Buffer {
    if (digestOf(bytes) === digest) return bytes
    throw new Fault('changelog-invalid', `${server} gave other bytes for ${digest} than it names.`)
  }
  return {
    ping: () =>
      reached(async () => {
        const response = await get('', 'application/json')
        await response.body?.cancel()
      }),
    manifest: (reference) =>
      reached(async () => {
        const response = await get(`${repository}/manifests/${reference}`, manifestTypes)
        const bytes = await readLimited(response, manifestLimit, 'The manifest')
        if (reference.includes(':')) held(bytes, reference)
        const mediaType = (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? ''
        return { bytes, mediaType, digest: digestOf(bytes) }
      }),
    blob: (digest, limit) =>
      reached(async () =>
        held(await readLimited(await get(`${repository}/blobs/${digest}`, '*/*'), limit, digest), digest),
      ),
  }
}
