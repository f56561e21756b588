// Brings the spool to the manager: the first bytes at once, then batches of a second or 64 KiB, resuming where it says.
import { chunkBytes, type LogSender, packPiece, type Piece, type SendReply } from './send.ts'
import type { Spool } from './spool.ts'

/** Milliseconds and bytes. */
const batch = { milliseconds: 1000, bytes: 65_536 } as const
const pause = { first: 250, longest: 10_000 } as const

export interface Upload {
  /** Something was added to the spool. */
  wake(): void
  /** Sends all that is in the spool, in batches as large as may be. False when the manager refuses it for good. */
  drain(signal: AbortSignal): Promise<boolean>
  /** The manager said that it has `committed` only: goes back there. */
  rewind(committed: number): void
  stop(): Promise<void>
}

export interface UploadOptions {
  readonly spool: Spool
  readonly sender: LogSender
  /** In [0, 1). */
  readonly random: () => number
  readonly elapsed: () => number
  /** Told once when the manager refuses the log for good. */
  readonly onRefused?: (reason: string) => void
}

export function startUpload(options: UploadOptions): Upload {
  const { spool, sender, elapsed } = options
  const stopping = new AbortController()
  let position = 0
  let limit: number = chunkBytes
  /** Compressed while the one before it was on its way. */
  let ahead: { readonly offset: number; readonly piece: Promise<Piece> } | undefined
  let failures = 0
  let refused = false
  let hurry = false
  let notBefore = Number.NEGATIVE_INFINITY
  let retryAt = Number.NEGATIVE_INFINITY
  let alarm: (() => void) | undefined
  const drained = new Set<() => void>()

  const wake = (): void => alarm?.()

  /** Milliseconds until something has to be sent; 0 = now, infinity = nothing to send. */
  function due(): number {
    if (refused || position >= spool.end) return Number.POSITIVE_INFINITY
    const now = elapsed()
    const batchDue = hurry || spool.end - position >= batch.bytes ? now : notBefore
    return Math.max(0, Math.max(batchDue, retryAt) - now)
  }

  function rest(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(milliseconds) ? setTimeout(() => done(), milliseconds) : undefined
      const done = (): void => {
        clearTimeout(timer)
        alarm = undefined
        resolve()
      }
      alarm = done
    })
  }

  function refuse(reason: string): void {
    refused = true
    options.onRefused?.(reason)
  }

  function heed(reply: SendReply): void {
    switch (reply.type) {
      case 'committed':
        failures = 0
        if (reply.offset > spool.end || reply.offset < spool.begin) {
          refuse(`it has ${reply.offset} bytes of a log that goes from ${spool.begin} to ${spool.end}`)
          break
        }
        position = reply.offset
        spool.commit(position)
        break
      case 'too-large':
        if (limit <= 1024) refuse('it takes no chunk at all')
        limit = Math.max(1024, limit / 2)
        ahead = undefined
        break
      case 'elsewhere':
        break
      case 'later':
        retryAt =
          elapsed() +
          Math.max(reply.afterMilliseconds, options.random() * Math.min(pause.longest, pause.first * 2 ** failures))
        failures++
        break
      case 'refused':
        refuse(reply.reason)
        break
    }
  }

  /** Only whole pieces are prepared: what is less may have grown when its turn comes. */
  function prepare(offset: number): void {
    if (spool.end - offset < limit) return
    const piece = packPiece(spool.read(offset, limit))
    piece.catch(() => {})
    ahead = { offset, piece }
  }

  async function sendNext(): Promise<SendReply> {
    const isReady = ahead?.offset === position
    const piece = await (isReady && ahead ? ahead.piece : packPiece(spool.read(position, limit)))
    ahead = undefined
    const sending = sender.append(position, piece, stopping.signal)
    prepare(position + piece.length)
    return sending
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const wait = due()
      if (wait > 0) {
        if (refused || position >= spool.end) for (const tell of drained) tell()
        await rest(wait)
        continue
      }
      notBefore = elapsed() + batch.milliseconds
      const reply = await sendNext()
      heed(reply.type === 'elsewhere' ? await sender.committed(stopping.signal) : reply)
    }
  }

  // A log that cannot be read back must not fail the change that it tells of.
  const running = run().catch((error: unknown) => {
    if (!stopping.signal.aborted) refuse(error instanceof Error ? error.message : String(error))
    for (const tell of drained) tell()
  })
  return {
    wake,
    async drain(signal) {
      hurry = true
      try {
        while (due() !== Number.POSITIVE_INFINITY) {
          signal.throwIfAborted()
          await new Promise<void>((resolve) => {
            const done = (): void => {
              drained.delete(done)
              signal.removeEventListener('abort', done)
              resolve()
            }
            drained.add(done)
            signal.addEventListener('abort', done)
            wake()
          })
        }
        return !refused
      } finally {
        hurry = false
      }
    },
    rewind(committed) {
      if (committed < position && committed >= spool.begin) position = committed
    },
    async stop() {
      stopping.abort()
      wake()
      await running
    },
  }
}
