// Brings a changelog that lies as an archive on an HTTP server (Artifactory and others) into a private folder.
import { createHash } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Fetch } from '#contract/client'
import type { ArchiveSource } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import type { Credentials, FetchedSource } from './git.ts'
import { unpack } from './unpack.ts'

export interface ArchiveOptions {
  readonly source: ArchiveSource
  readonly credentials: Credentials
  /** Private folder; replaced when it exists. The caller removes it. */
  readonly folder: string
  readonly line: (text: string) => void
  readonly fetch?: Fetch
}

/** Bytes of the archive itself. */
const downloadLimit = 134_217_728

/**
 * Faults: `source-unreachable`, `source-authentication`, `source-reference-not-found`, `changelog-invalid` for an archive that is not
 * the one named or holds what it should not, and the reason of `signal`.
 */
export async function fetchArchive(options: ArchiveOptions, signal: AbortSignal): Promise<FetchedSource> {
  const { source, folder, line } = options
  line(`Fetching ${source.url}`)
  const bytes = await download(options, signal)
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (source.sha256 !== undefined && source.sha256.toLowerCase() !== digest)
    throw new Fault('changelog-invalid', `The archive has the sha-256 ${digest}, not ${source.sha256}.`, {
      hint: 'Somebody replaced it, or the checksum is of another: find out which before you change either.',
    })
  const files = unpack(bytes)
  const root = join(folder, 'tree')
  await rm(folder, { recursive: true, force: true })
  await mkdir(root, { recursive: true, mode: 0o700 })
  for (const { path, bytes: content } of files) {
    signal.throwIfAborted()
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  line(`Unpacked ${files.length} files, sha-256 ${digest}`)
  return { root, commit: digest }
}

async function download(
  { source, credentials, fetch: send = fetch }: ArchiveOptions,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { username, password } = credentials
  const pair = Buffer.from(`${username ?? ''}:${password ?? ''}`, 'utf8').toString('base64')
  const headers: Record<string, string> =
    username === undefined && password === undefined ? {} : { authorization: `Basic ${pair}` }
  try {
    const response = await send(source.url, { method: 'GET', headers, signal })
    if (!response.ok) {
      await response.body?.cancel()
      throw refusal(response.status, source.url)
    }
    return await readBody(response)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Fault) throw error
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new Fault('source-unreachable', `${source.url} cannot be fetched: ${words}`, { cause: error })
  }
}

function refusal(status: number, url: string): Fault {
  if (status === 401 || status === 403)
    return new Fault('source-authentication', `${url} refused the credentials (${status}).`)
  if (status === 404) return new Fault('source-reference-not-found', `There is no archive at ${url}.`)
  return new Fault('source-unreachable', `${url} answered ${status}.`)
}

async function readBody(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.length
    if (bytes > downloadLimit) throw new Fault('too-large', `The archive has more than ${downloadLimit} bytes.`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}
