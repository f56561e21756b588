// Log text in rows: pieces of at most 64 KiB, each compressed by itself. Text of logs shrinks to a tenth, and with it what
// travels to the database, its log of changes, and what a reader costs.
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'

const compress = promisify(gzip)
const decompress = promisify(gunzip)

/** Bytes of text in one row: small enough that a reader who takes one at a time stays small. */
export const chunkBytes = 65_536

export interface Chunk {
  readonly size: number
  readonly data: Uint8Array
}

export function packChunks(bytes: Uint8Array): Promise<readonly Chunk[]> {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) parts.push(bytes.subarray(at, at + chunkBytes))
  // Side by side: compressing is done by the threads of Node.
  return Promise.all(
    parts.map(async (part) => ({
      size: part.length,
      data: new Uint8Array(await compress(part, { level: 1 })),
    })),
  )
}

export async function unpackChunk({ data }: Pick<Chunk, 'data'>): Promise<Buffer> {
  return decompress(data, { maxOutputLength: chunkBytes })
}
