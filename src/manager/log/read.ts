// Reads committed log text from an offset, never splitting a character.
import { sql } from 'kysely'
import type { Executor } from '../store/port.ts'
import { chunkBytes, unpackChunk } from './chunk.ts'

export interface LogText {
  readonly text: string
  /** Where the next piece begins. */
  readonly nextOffset: number
  readonly committed: number
  /** No more will come. */
  readonly closed: boolean
}

/** At most about `limit` bytes from `offset` on. An attempt without the stream yet reads as empty and open. */
export async function readLog(
  db: Executor,
  attemptId: string,
  offset: number,
  limit: number,
  name = 'step',
): Promise<LogText> {
  const stream = await db
    .selectFrom('log_stream')
    .where('attempt_id', '=', attemptId)
    .where('stream', '=', name)
    .select(['committed', 'closed'])
    .executeTakeFirst()
  const committed = Number(stream?.committed ?? 0)
  const closed = stream?.closed ?? (await endedWithoutLog(db, attemptId))
  if (stream === undefined || offset >= committed) return { text: '', nextOffset: offset, committed, closed }
  const bytes = await readBytes(db, { attemptId, name }, offset, limit)
  const isEnd = closed && offset + bytes.length >= committed
  const whole = isEnd ? bytes : bytes.subarray(0, wholeCharacters(bytes))
  return { text: whole.toString('utf8'), nextOffset: offset + whole.length, committed, closed }
}

/** The streams of an attempt besides its log, by name. */
export async function listResults(db: Executor, attemptId: string) {
  const rows = await db
    .selectFrom('log_stream')
    .where('attempt_id', '=', attemptId)
    .where('stream', '<>', 'step')
    .select(['stream', 'committed', 'closed', 'sha256', 'verified'])
    .orderBy('stream')
    .execute()
  return rows.map(({ stream, committed, closed, sha256, verified }) => ({
    name: stream,
    bytes: Number(committed),
    complete: closed && sha256 !== null,
    sha256,
    verified,
  }))
}

/** An attempt that was cancelled in the queue, or whose step died at once, never gets a log. */
async function endedWithoutLog(db: Executor, attemptId: string): Promise<boolean> {
  const row = await db
    .selectFrom('attempt')
    .where('id', '=', attemptId)
    .select(sql<boolean>`state in ('finished', 'unknown') and finished_at < now() - interval '5 seconds'`.as('ended'))
    .executeTakeFirst()
  return row?.ended ?? true
}

interface StreamOf {
  readonly attemptId: string
  readonly name: string
}

async function readBytes(db: Executor, stream: StreamOf, offset: number, limit: number): Promise<Buffer> {
  const rows = await db
    .selectFrom('log_chunk')
    .where('attempt_id', '=', stream.attemptId)
    .where('stream', '=', stream.name)
    .where('start_offset', '<', sql<string>`${offset + limit}::bigint`)
    .where('start_offset', '>=', firstChunk(stream, offset))
    .select(['start_offset', 'data'])
    .orderBy('start_offset')
    .limit(Math.ceil(limit / chunkBytes) + 1)
    .execute()
  const parts = await Promise.all(rows.map(unpackChunk))
  const skip = offset - Number(rows[0]?.start_offset ?? offset)
  return Buffer.concat(parts).subarray(skip, skip + limit)
}

/** Where the chunk begins that holds the offset. */
function firstChunk({ attemptId, name }: StreamOf, offset: number) {
  return sql<string>`(select max(start_offset) from log_chunk
    where attempt_id = ${attemptId} and stream = ${name} and start_offset <= ${offset}::bigint)`
}

/** Length without a character of UTF-8 that is cut at the end. Bytes that are no UTF-8 at all count as whole. */
export function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0b1100_0000) === 0b1000_0000) continue
    const size = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1
    return size > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}
