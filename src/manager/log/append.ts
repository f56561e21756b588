// Takes log bytes at an offset and commits only what is contiguous. Repeating a piece is harmless.
import { sql } from 'kysely'
import { protocolLimits } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'
import { notify } from '../store/notify.ts'
import type { StoreTransaction } from '../store/port.ts'
import { refusal } from '../work/attempt.ts'
import { type Chunk, packChunks } from './chunk.ts'

/** Bytes of a log. A step that writes more is in a loop. */
const logBytes = 1_073_741_824
const bytesOf = (stream: string): number => (stream === 'step' ? logBytes : protocolLimits.streamBytes)

export interface StreamName {
  readonly attemptId: string
  readonly fence: string
  readonly stream: string
}
export interface LogPiece extends StreamName {
  readonly offset: number
  readonly bytes: Uint8Array
  /** The bytes as they will be kept; made before the transaction, which should be short. */
  readonly chunks: readonly Chunk[]
}

/**
 * Gives the committed offset. Raises `log-offset` for a gap, `too-large` for a stream without end, `stale-fence` and
 * `attempt-gone`. An attempt that has ended may still send what its finish report said is missing.
 */
export async function appendLog(tx: StoreTransaction, piece: LogPiece): Promise<number> {
  const { committed, closed } = await openStream(tx, piece)
  const { offset } = piece
  if (offset > committed) {
    throw new Fault('log-offset', `The committed offset is ${committed}; ${offset} would leave a gap.`)
  }
  // The head of the piece may have been committed by a try whose answer got lost.
  const fresh = committed === offset ? piece.bytes : piece.bytes.subarray(committed - offset)
  if (fresh.length === 0) return committed
  if (closed) throw new Fault('attempt-gone', `The log of attempt ${piece.attemptId} is complete.`)
  const end = committed + fresh.length
  const most = bytesOf(piece.stream)
  if (end > most) throw new Fault('too-large', `The stream ${piece.stream} may have ${most} bytes.`)
  await writeChunks(tx, piece, committed, fresh === piece.bytes ? piece.chunks : await packChunks(fresh), end)
  notify(tx, 'sluice_log')
  return end
}

export async function committedLog(tx: StoreTransaction, piece: StreamName): Promise<number> {
  return (await openStream(tx, piece)).committed
}

/** The stream's row, locked; made when it is not there. */
async function openStream(
  tx: StoreTransaction,
  { attemptId, fence, stream }: StreamName,
): Promise<{ committed: number; closed: boolean }> {
  const { rows } = await sql<{ committed: string; closed: boolean }>`
    insert into log_stream (attempt_id, stream)
    select id, ${stream} from attempt where id = ${attemptId} and fence = ${fence} and state <> 'queued'
      and (select count(*) from log_stream other
        where other.attempt_id = attempt.id and other.stream <> ${stream}) < ${protocolLimits.streams}
    on conflict (attempt_id, stream) do update set updated_at = now()
    returning committed, closed`.execute(tx)
  const row = rows[0]
  if (row === undefined) throw await refuseStream(tx, attemptId, fence)
  return { committed: Number(row.committed), closed: row.closed }
}

async function refuseStream(tx: StoreTransaction, attemptId: string, fence: string): Promise<Fault> {
  const { many } = await tx
    .selectFrom('log_stream')
    .where('attempt_id', '=', attemptId)
    .select((rows) => rows.fn.countAll<string>().as('many'))
    .executeTakeFirstOrThrow()
  if (Number(many) < protocolLimits.streams) return refusal(tx, attemptId, fence)
  return new Fault('too-large', `An attempt may have ${protocolLimits.streams} streams.`)
}

async function writeChunks(
  tx: StoreTransaction,
  { attemptId, stream }: StreamName,
  start: number,
  chunks: readonly Chunk[],
  end: number,
): Promise<void> {
  let offset = start
  const rows = chunks.map(({ size, data }) => {
    const row = { attempt_id: attemptId, stream, start_offset: offset, size, data }
    offset += size
    return row
  })
  await Promise.all([
    tx.insertInto('log_chunk').values(rows).execute(),
    tx
      .updateTable('log_stream')
      .set({ committed: end, closed: sql`coalesce(expected <= ${end}::bigint, false)` })
      .where('attempt_id', '=', attemptId)
      .where('stream', '=', stream)
      .execute(),
  ])
}

export type NamedLogs = Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>

/** Notes what the finish report says of the logs, closes those that are whole, and gives the others with their committed offset. */
export async function completeLogs(
  tx: StoreTransaction,
  attemptId: string,
  logs: NamedLogs,
): Promise<Record<string, number>> {
  const missing: Record<string, number> = {}
  for (const [stream, { bytes, sha256 }] of Object.entries(logs)) {
    const { rows } = await sql<{ committed: string; closed: boolean }>`
      insert into log_stream as s (attempt_id, stream, expected, sha256, closed)
      values (${attemptId}, ${stream}, ${bytes}::bigint, ${sha256}, ${bytes}::bigint = 0)
      on conflict (attempt_id, stream) do update set expected = excluded.expected, sha256 = excluded.sha256,
        closed = s.closed or s.committed >= excluded.expected, updated_at = now()
      returning committed, closed`.execute(tx)
    const row = rows[0]
    if (row !== undefined && !row.closed) missing[stream] = Number(row.committed)
  }
  notify(tx, 'sluice_log')
  return missing
}
