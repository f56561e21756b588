// The log of a step: text goes in, masked lines with time stamps come out, into the spool. Never waits, never fails the work.
import type { Masking } from './mask.ts'
import type { Spool } from './spool.ts'

/** Bytes of one line without its time stamp; the rest is cut and counted. */
export const lineLimit = 65_536

export interface LogChannel {
  /** One line or several. */
  line(text: string): void
  /** A piece of output of another program; lines may go on in the next piece. */
  write(chunk: string): void
  /** Writes out what is held back. What comes afterwards is not logged: the size was reported. */
  end(): void
}

export interface LogChannelOptions {
  readonly masking: Masking
  readonly spool: Spool
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Called after something was added to the spool. */
  readonly onAppend: () => void
}

const encoder = new TextEncoder()

/** Cuts to the limit without splitting a character. */
function cut(line: string): string {
  if (line.length * 3 <= lineLimit) return line
  const bytes = encoder.encode(line)
  if (bytes.length <= lineLimit) return line
  let end = lineLimit
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return `${new TextDecoder().decode(bytes.subarray(0, end))} … ${bytes.length - end} bytes of this line were cut`
}

export function openLogChannel({ masking, spool, now, onAppend }: LogChannelOptions): LogChannel {
  const masker = masking.stream()
  let unfinished = ''
  let dropped = 0
  let ended = false

  function append(line: string): void {
    const stamp = new Date(now()).toISOString()
    const bytes = encoder.encode(`${stamp} ${cut(line)}\n`)
    const note =
      dropped > 0 ? `${stamp} … ${dropped} bytes of log were dropped: the manager did not take them in time\n` : ''
    if (spool.append(note === '' ? bytes : Buffer.concat([encoder.encode(note), bytes]))) dropped = 0
    else dropped += bytes.length
  }

  function take(masked: string): void {
    const lines = (unfinished + masked).split('\n')
    unfinished = lines.pop() ?? ''
    // A line that never ends must not fill the memory: it is cut where it would be cut anyway.
    if (unfinished.length > 2 * lineLimit) {
      lines.push(unfinished)
      unfinished = ''
    }
    for (const line of lines) append(line.endsWith('\r') ? line.slice(0, -1) : line)
    if (lines.length > 0) onAppend()
  }

  // NUL first, so that it cannot be used to break up a secret.
  const write = (text: string): void => {
    if (!ended) take(masker.push(text.replaceAll('\0', '')))
  }
  return {
    write,
    line: (text) => write(`${text}\n`),
    end() {
      take(masker.end())
      if (unfinished !== '') take('\n')
      ended = true
    },
  }
}
