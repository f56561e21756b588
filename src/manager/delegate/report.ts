// What a step reports while it works: events once each and in order, payloads, and its log.
import { isProgramWork } from '#contract/delegate/program-work'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { StepEvent } from '#contract/delegate/protocol'
import { protocolLimits } from '#contract/delegate/protocol'
import type { Actor } from '#contract/event/live'
import { Fault } from '#contract/fault'
import { type EventInput, recordEvents } from '../audit/record.ts'
import type { ProtocolHandlers } from '../http/handler.ts'
import { readLog } from '../log/read.ts'
import { appendLog, committedLog } from '../log/append.ts'
import { packChunks } from '../log/chunk.ts'
import { lockRunning, toAttemptRecord } from '../work/attempt.ts'
import type { AttemptRecord } from '../work/port.ts'
import type { ProtocolDependencies } from './dependency.ts'

type ReportHandlers = Pick<ProtocolHandlers, 'events' | 'payload' | 'appendLog' | 'committedLog' | 'readReference'>

const unzip = promisify(gunzip)
/** Bytes of one answer. */
const answerBytes = 1_048_576
/** Bytes that a compressed piece of a log may unfold to; our step packs half a MiB into one. */
const unzippedBytes = 4 * protocolLimits.logChunkBytes

export function reportHandlers({ store, observers }: ProtocolDependencies): ReportHandlers {
  return {
    events: ({ params: { attempt: id }, body: { fence, events }, caller }) =>
      store.transaction(async (tx) => {
        const row = await lockRunning(tx, id, fence)
        const [attempt, seq] = [toAttemptRecord(row), row.event_seq]
        const fresh = freshEvents(events, seq)
        for (const event of fresh) for (const observer of observers) await observer.event?.(tx, attempt, event)
        await recordEvents(
          tx,
          fresh.map((event) => changeSetEvent(caller.actor, attempt, event)),
        )
        const acceptedThrough = fresh.at(-1)?.seq ?? seq
        if (fresh.length > 0) {
          await tx.updateTable('attempt').set({ event_seq: acceptedThrough }).where('id', '=', id).execute()
        }
        return { acceptedThrough }
      }),
    payload: async ({ params: { attempt: id }, body: { fence, payload } }) => {
      await store.transaction(async (tx) => {
        const attempt = toAttemptRecord(await lockRunning(tx, id, fence))
        for (const observer of observers) await observer.payload?.(tx, attempt, payload)
      })
      return null
    },
    readReference: async ({ params: { attempt: id }, query: { fence, offset } }) => {
      const { spec } = await store.transaction(async (tx) => toAttemptRecord(await lockRunning(tx, id, fence)))
      const { work } = spec
      if (work.type !== 'SchemaDiff' || !('snapshot' in work.reference))
        throw new Fault('not-found', `The attempt ${id} compares with no snapshot.`)
      const { text, nextOffset, closed } = await readLog(
        store.db,
        work.reference.snapshot,
        offset,
        answerBytes,
        'snapshot',
      )
      return { text, nextOffset, closed }
    },
    appendLog: async ({ params, query: { fence, offset }, request }) => {
      const bytes = await readBytes(request)
      const chunks = await packChunks(bytes)
      const piece = { attemptId: params.attempt, fence, stream: params.stream, offset, bytes, chunks }
      return { committed: await store.transaction((tx) => appendLog(tx, piece)) }
    },
    committedLog: async ({ params, query: { fence } }) => {
      const stream = { attemptId: params.attempt, fence, stream: params.stream }
      return { committed: await store.transaction((tx) => committedLog(tx, stream)) }
    },
  }
}

/** The events after `seq`. A hole means that the step lost some: what came after must not be taken for the whole. */
function freshEvents(events: readonly StepEvent[], seq: number): readonly StepEvent[] {
  const fresh = events.filter((event) => event.seq > seq).toSorted((one, other) => one.seq - other.seq)
  const gap = fresh.findIndex((event, index) => event.seq !== seq + 1 + index)
  if (gap === -1) return fresh
  throw new Fault('conflict', `Event ${seq + 1 + gap} is missing before event ${fresh[gap]?.seq}.`, {
    hint: `Send the events from ${seq + 1} on.`,
  })
}

function changeSetEvent(actor: Actor, attempt: AttemptRecord, { body }: StepEvent): EventInput {
  const { fileName, id, author } = body
  const { work } = attempt.spec
  if (isProgramWork(work)) throw new Fault('invalid-input', `A step of type ${work.type} has no change sets.`)
  const { dbSchema, dbInstance } = work.type === 'ConnectionTest' ? { dbSchema: '', dbInstance: '' } : work
  const finished =
    body.type === 'change-set.finished'
      ? { status: body.status, duration: body.duration, ...(body.error === undefined ? {} : { error: body.error }) }
      : {}
  return {
    actor,
    projectId: attempt.projectId,
    executionId: attempt.executionId ?? undefined,
    body: {
      type: 'change-set.state',
      attempt: attempt.id,
      node: attempt.nodeId,
      dbSchema,
      dbInstance,
      fileName,
      id,
      author,
      phase: body.type === 'change-set.started' ? 'started' : 'finished',
      ...finished,
    },
  }
}

async function readBytes(request: Request): Promise<Uint8Array> {
  const bytes = new Uint8Array(await request.arrayBuffer())
  if (bytes.length > protocolLimits.logChunkBytes) throw tooLarge()
  const encoding = request.headers.get('content-encoding')
  if (encoding === null || encoding === 'identity') return bytes
  if (encoding !== 'gzip')
    throw new Fault('invalid-input', `The content encoding ${encoding} is not offered, only gzip.`)
  try {
    return await unzip(bytes, { maxOutputLength: unzippedBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    throw new Fault('invalid-input', 'The body says that it is gzip, but it is not.', { cause: error })
  }
}

function tooLarge(): Fault {
  return new Fault(
    'too-large',
    `A piece of a log may have ${protocolLimits.logChunkBytes} bytes, and ${unzippedBytes} when it is unpacked.`,
  )
}
