// The thread that runs the embedded database, so that its synchronous work does not hold up HTTP.
// The main thread holds the lock of the directory, because it outlives this one.
import { parentPort, workerData } from 'node:worker_threads'
import { Fault } from '#contract/fault'
import { type EmbeddedDatabase, openLocked } from '#embedded/open'
import type { DatabaseErrorFields } from './error.ts'
import type { ThreadData, ThreadReply, ThreadRequest } from './thread.ts'
import { valueParsers } from './value.ts'

const port = parentPort
if (port === null) throw new Error('This file runs as a worker thread.')
const say = (reply: ThreadReply): void => port.postMessage(reply)

function describe(error: unknown): DatabaseErrorFields & { hint?: string } {
  const { message, code, constraint, table, column, detail } = error as DatabaseErrorFields
  return { message, code, constraint, table, column, detail, ...(error instanceof Fault ? { hint: error.hint } : {}) }
}

async function open(data: ThreadData): Promise<EmbeddedDatabase> {
  return openLocked(data.folder, {
    parsers: { ...valueParsers },
    log: (line) => say({ type: 'log', line }),
  })
}

/** Large bytes are handed over instead of copied. Small ones share a buffer with others and are copied. */
function ownBuffers(rows: readonly Record<string, unknown>[]): ArrayBuffer[] {
  const buffers = rows.flatMap((row) =>
    Object.values(row).flatMap((value) =>
      value instanceof Uint8Array && value.byteLength === value.buffer.byteLength ? [value.buffer as ArrayBuffer] : [],
    ),
  )
  return [...new Set(buffers)]
}

async function answer(database: EmbeddedDatabase, { id, sql, parameters }: ThreadRequest): Promise<void> {
  try {
    if (sql === undefined) {
      await database.close()
      say({ type: 'result', id, rows: [], affected: 0 })
      port?.close()
      return
    }
    const { rows, affectedRows } = await database.session.query<Record<string, unknown>>(sql, [...(parameters ?? [])])
    const reply: ThreadReply = { type: 'result', id, rows, affected: affectedRows ?? 0 }
    port?.postMessage(reply, ownBuffers(rows))
  } catch (error) {
    say({ type: 'error', id, error: describe(error) })
  }
}

try {
  const database = await open(workerData as ThreadData)
  port.on('message', (request: ThreadRequest) => void answer(database, request))
  say({ type: 'ready' })
} catch (error) {
  say({ type: 'failed', error: describe(error) })
}
