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

/** Characters of a burst that are held back at most. */
const burstLength = 65_536

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
  /** Lines that came after others in the same run of code, with their time stamps. */
  let burst = ''
  let inBurst = false
  let stamped = Number.NaN
  let stamp = ''
  let ended = false

  function stampOf(milliseconds: number): string {
    if (milliseconds !== stamped) {
      stamped = milliseconds
      stamp = new Date(milliseconds).toISOString()
    }
    return stamp
  }

  function store(lines: string): void {
    const notice =
      dropped > 0 ? `${stamp} … ${dropped} bytes of log were dropped: the manager did not take them in time\n` : ''
    // From the pool of Node, which is cheaper for a line than an array of its own.
    const bytes = Buffer.from(notice + lines)
    if (spool.append(bytes)) dropped = 0
    else dropped += bytes.length - Buffer.byteLength(notice)
    onAppend()
  }

  function endBurst(): void {
    inBurst = false
    if (burst === '') return
    const lines = burst
    burst = ''
    store(lines)
  }

  /**
   * In one write, so that many lines that came together cost one call. What comes first is written at once, so that it outlives a kill of
   * this process in whatever it does next; more from the same run of code is written when that ends, before anything is waited for.
   */
  function append(lines: readonly string[]): void {
    const time = stampOf(now())
    let text = ''
    for (const line of lines) text += `${time} ${cut(line)}\n`
    if (!inBurst) {
      inBurst = true
      queueMicrotask(endBurst)
      store(text)
      return
    }
    burst += text
    if (burst.length < burstLength) return
    const full = burst
    burst = ''
    store(full)
  }

  function take(masked: string): void {
    const lines = (unfinished + masked).split('\n')
    unfinished = lines.pop() ?? ''
    // A line that never ends must not fill the memory: it is cut where it would be cut anyway.
    if (unfinished.length > 2 * lineLimit) {
      lines.push(unfinished)
      unfinished = ''
    }
    if (lines.length === 0) return
    append(lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)))
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
      endBurst()
      ended = true
    },
  }
}
