// Large results of a step (SQL that ran, a snapshot, a diff) on their way to the manager: masked, on disk first, by byte ranges as
// the log. Writing never waits for the network, and what does not fit is told and never fails the work.
import { attemptFiles, streamLimit } from '#contract/delegate/attempt-folder'
import type { Masking } from './mask.ts'
import type { LogSender } from './send.ts'
import { openSpool, type Spool } from './spool.ts'
import { startUpload, type Upload } from './upload.ts'

export interface ResultStream {
  /** Text of the result, in pieces as they come. Nothing is kept after the limit of a stream. */
  write(text: string): void
}

export interface Streams {
  /** The stream of that name, opened at the first call. */
  open(name: string): ResultStream
  /** Nothing more is written; size and digest of each. */
  end(): Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>
  /** Sends all that is left. Resolves when the manager has or refuses it; raises the reason of `signal`. */
  drain(signal: AbortSignal): Promise<void>
  /** The manager said that it has so much only of a stream. */
  rewind(name: string, committed: number): void
  stop(): Promise<void>
}

export interface StreamOptions {
  readonly folder: string
  readonly masking: Masking
  /** In [0, 1). */
  readonly random: () => number
  readonly elapsed: () => number
  readonly senderOf: (name: string) => LogSender
  readonly line: (text: string) => void
  /** Bytes. */
  readonly limit?: number
}

interface Open {
  readonly spool: Spool
  readonly upload: Upload
  write(text: string): void
  end(): void
}

const segmentBytes = 8_388_608

function openStream(name: string, options: StreamOptions): Open {
  const { folder, masking, random, elapsed, line, limit = streamLimit } = options
  const spool = openSpool(folder, { capacity: limit, segment: segmentBytes }, `${attemptFiles.streamPrefix}${name}-`)
  const onRefused = (reason: string): void => line(`The manager does not take the result ${name}: ${reason}`)
  const upload = startUpload({ spool, sender: options.senderOf(name), random, elapsed, onRefused })
  const masker = masking.stream()
  const encoder = new TextEncoder()
  let isFull = false
  let ended = false

  function append(text: string): void {
    if (text === '' || isFull) return
    const bytes = encoder.encode(text)
    isFull = spool.end + bytes.length > limit || !spool.append(bytes)
    if (isFull) line(`The result ${name} is kept up to ${spool.end} bytes; what comes after does not fit into ${limit}`)
    else upload.wake()
  }
  return {
    spool,
    upload,
    write: (text) => {
      if (!ended) append(masker.push(text.replaceAll('\0', '')))
    },
    end() {
      if (!ended) append(masker.end())
      ended = true
    },
  }
}

export function createStreams(options: StreamOptions): Streams {
  const streams = new Map<string, Open>()
  return {
    open(name) {
      const known = streams.get(name)
      if (known) return known
      const made = openStream(name, options)
      streams.set(name, made)
      return made
    },
    end() {
      for (const stream of streams.values()) stream.end()
      return Object.fromEntries(
        [...streams].map(([name, { spool }]) => [name, { bytes: spool.end, sha256: spool.digest() }]),
      )
    },
    // One after the other: together they are no faster, and the log has its own connection.
    async drain(signal) {
      for (const { upload } of streams.values()) await upload.drain(signal)
    },
    rewind: (name, committed) => streams.get(name)?.upload.rewind(committed),
    async stop() {
      for (const { upload, spool } of streams.values()) {
        await upload.stop()
        spool.close()
      }
    },
  }
}
