// Brings a changelog that lies as an archive on an HTTP server (Artifactory and others) into a private folder.
import { createHash } from 'node:crypto'
import type { Fetch } from '#contract/client'
import type { ArchiveSource, S3Spec } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { readLimited } from '#outward/registry'
import type { Credentials, FetchedSource } from './git.ts'
import { unpack } from './unpack.ts'
import { readRefusal, signedHeaders } from './s3.ts'
import { writeTree } from './tree.ts'

export interface ArchiveOptions {
  readonly source: ArchiveSource
  readonly credentials: Credentials
  /** Private folder; replaced when it exists. The caller removes it. */
  readonly folder: string
  readonly line: (text: string) => void
  readonly fetch: Fetch
}

/** Bytes of the archive itself. */
export const downloadLimit = 134_217_728

/**
 * Faults: `source-unreachable`, `source-authentication`, `source-reference-not-found`, `changelog-invalid` for an archive that is not
 * the one named or holds what it should not, and the reason of `signal`.
 */
export async function fetchArchive(options: ArchiveOptions, signal: AbortSignal): Promise<FetchedSource> {
  const { source, folder, line } = options
  line(`Fetching ${source.url}`)
  const { bytes, named } = await download(options, signal)
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (source.sha256 !== undefined && source.sha256.toLowerCase() !== digest)
    throw new Fault('changelog-invalid', `The archive has the sha-256 ${digest}, not ${source.sha256}.`, {
      hint: 'Somebody replaced it, or the checksum is of another: find out which before you change either.',
    })
  if (named !== undefined && named !== digest)
    throw new Fault('changelog-invalid', `The archive has the sha-256 ${digest}; its server says ${named}.`, {
      hint: 'It was damaged on its way or on the server. Try again; then look at the server.',
    })
  const files = unpack(bytes)
  const root = await writeTree(folder, files, signal)
  line(`Unpacked ${files.length} files, sha-256 ${digest}`)
  return { root, commit: digest }
}

/** How a server with archives is asked: signed for S3, with basic authentication, or without any. */
export function archiveRequest(url: string, s3: S3Spec | undefined, credentials: Credentials) {
  // What is signed is signed for this host; S3 sends elsewhere whoever names the wrong region.
  if (s3)
    return { method: 'GET', headers: signedHeaders(url, s3, credentials, Date.now()), redirect: 'manual' as const }
  const { username, password } = credentials
  const pair = Buffer.from(`${username ?? ''}:${password ?? ''}`, 'utf8').toString('base64')
  const headers: Record<string, string> =
    username === undefined && password === undefined ? {} : { authorization: `Basic ${pair}` }
  return { method: 'GET', headers }
}

interface Download {
  readonly bytes: Uint8Array
  /** The checksum that the server names (Artifactory does), hex. */
  readonly named: string | undefined
}

async function download({ source, credentials, fetch: send }: ArchiveOptions, signal: AbortSignal): Promise<Download> {
  const { url, s3 } = source
  const request = archiveRequest(url, s3, credentials)
  try {
    const response = await send(url, { ...request, signal })
    if (s3 && !response.ok) throw (await readRefusal(response, url)).fault
    if (!response.ok) {
      await response.body?.cancel()
      throw refusal(response.status, url)
    }
    const named = /^[0-9a-f]{64}$/i.exec(response.headers.get('x-checksum-sha256') ?? '')?.[0].toLowerCase()
    return { bytes: await readLimited(response, downloadLimit, 'The archive'), named }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Fault) throw error
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new Fault('source-unreachable', `${url} cannot be fetched: ${words}`, { cause: error })
  }
}

function refusal(status: number, url: string): Fault {
  if (status === 401 || status === 403)
    return new Fault('source-authentication', `${url} refused the credentials (${status}).`)
  if (status === 404) return new Fault('source-reference-not-found', `There is no archive at ${url}.`)
  return new Fault('source-unreachable', `${url} answered ${status}.`)
}
