// Compares what is kept of a stream with the digest that its step reported at the end: bytes that were mixed up on the way must not
// pass for what a database was told or said.
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Executor, Store } from '../store/port.ts'
import { unpackChunk } from './chunk.ts'

/** Streams in one round, and pieces that are read at once: 64 KiB each. */
const limits = { streams: 20, chunks: 64 } as const

/** Looks at streams that are whole and that nobody has looked at. Gives those that are not what was sent. */
export async function verifyStreams(store: Store): Promise<readonly { attempt: string; stream: string }[]> {
  const found = await store.db
    .selectFrom('log_stream')
    .where('closed', '=', true)
    .where('verified', 'is', null)
    .where('sha256', 'is not', null)
    .select(['attempt_id', 'stream', 'sha256', 'expected'])
    .orderBy('updated_at')
    .limit(limits.streams)
    .execute()
  const damaged: { attempt: string; stream: string }[] = []
  for (const { attempt_id: attempt, stream, sha256, expected } of found) {
    const { bytes, digest } = await digestOf(store.db, attempt, stream)
    const verified = digest === sha256 && bytes === Number(expected)
    await store.db
      .updateTable('log_stream')
      .set({ verified })
      .where('attempt_id', '=', attempt)
      .where('stream', '=', stream)
      .where('sha256', '=', sha256)
      .execute()
    if (!verified) damaged.push({ attempt, stream })
  }
  return damaged
}

async function digestOf(db: Executor, attempt: string, stream: string): Promise<{ bytes: number; digest: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for (;;) {
    const rows = await db
      .selectFrom('log_chunk')
      .where('attempt_id', '=', attempt)
      .where('stream', '=', stream)
      .where('start_offset', '>=', sql<string>`${bytes}::bigint`)
      .select(['start_offset', 'size', 'data'])
      .orderBy('start_offset')
      .limit(limits.chunks)
      .execute()
    for (const row of rows) {
      // A hole: the digest of the rest would mean nothing.
      if (Number(row.start_offset) !== bytes) return { bytes, digest: '' }
      hash.update(await unpackChunk(row))
      bytes += row.size
    }
    if (rows.length === 0) return { bytes, digest: hash.digest('hex') }
  }
}
