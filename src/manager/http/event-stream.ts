// Writes server-sent events: only as fast as the client reads, with comments in between so that proxies keep the line open.
import type { ServerSentEvent } from './handler.ts'

export interface EventStreamOptions {
  /** Ends the stream, whatever its source does. */
  readonly signal: AbortSignal
  /** Below the usual 60 s idle limit of proxies. */
  readonly heartbeatMilliseconds: number
  /** Called once, when the stream has ended: by its source, by the reader, or by an error of the source. */
  readonly ended: (error?: unknown) => void
  /** The last event, for an error that came while streaming. */
  readonly failure: (error: unknown) => ServerSentEvent<unknown>
}

const encoder = new TextEncoder()

/** One event as text; ids and names never hold line breaks, JSON never does. */
function eventText({ id, event, data }: ServerSentEvent<unknown>): string {
  return `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`
}

/** Resolves as `work` does, or to the end as soon as the signal is aborted. */
async function orEnd<T>(work: Promise<IteratorResult<T>>, signal: AbortSignal): Promise<IteratorResult<T>> {
  let end = () => {}
  const ended = new Promise<IteratorResult<T>>((resolve) => {
    end = () => resolve({ done: true, value: undefined })
  })
  if (signal.aborted) end()
  signal.addEventListener('abort', end)
  return Promise.race([work, ended]).finally(() => signal.removeEventListener('abort', end))
}

/**
 * A response body from events. The source is asked for the next event only when the last one has been taken by the socket, so
 * a slow reader costs one event of memory. When the reader goes away the source's `return` is called.
 */
export function writeEventStream(
  first: Promise<IteratorResult<ServerSentEvent<unknown>>>,
  source: AsyncIterator<ServerSentEvent<unknown>>,
  options: EventStreamOptions,
): ReadableStream<Uint8Array> {
  let next: Promise<IteratorResult<ServerSentEvent<unknown>>> | undefined = first
  let heartbeat: ReturnType<typeof setInterval> | undefined
  const finish = (error?: unknown) => {
    clearInterval(heartbeat)
    options.ended(error)
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // Tells the client at once that it is connected, and how long to wait before it comes back.
        controller.enqueue(encoder.encode('retry: 1000\n\n'))
        heartbeat = setInterval(() => {
          if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(':\n\n'))
        }, options.heartbeatMilliseconds)
        heartbeat.unref()
      },
      async pull(controller) {
        try {
          const result = await orEnd(next ?? source.next(), options.signal)
          next = undefined
          if (!result.done) return controller.enqueue(encoder.encode(eventText(result.value)))
          // Not waited for: a source that is deep in a wait of its own would hold up the end.
          if (options.signal.aborted) void source.return?.().catch(options.ended)
          finish()
        } catch (error) {
          controller.enqueue(encoder.encode(eventText(options.failure(error))))
          finish(error)
        }
        controller.close()
      },
      async cancel() {
        finish()
        await source.return?.()
      },
    },
    { highWaterMark: 1 },
  )
}
