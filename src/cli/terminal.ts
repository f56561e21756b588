// Where a command reads from and writes to. Data goes to standard output, everything a person follows to standard error.

export interface Terminal {
  /** Data: what a script may want. A whole line or several, without the last line end. */
  readonly out: (text: string) => void
  /** Log, progress and faults. */
  readonly err: (text: string) => void
  /** Replaces the line that was shown last, on a terminal only; undefined when standard error is a file or a pipe. */
  readonly live: ((text: string) => void) | undefined
  readonly color: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Working directory: search path and `liquibase.properties` unless told otherwise. */
  readonly folder: string
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  /** Epoch milliseconds. */
  readonly clock: () => number
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  let stop: AbortSignal | undefined
  const { NO_COLOR: noColor, TERM: term } = process.env
  const live = process.stderr.isTTY && term !== 'dumb'
  // Whoever reads our output may have had enough of it (`sluice update-sql | head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(live ? `\r\u001b[K${text}\n` : `${text}\n`),
    live: live ? (text) => process.stderr.write(`\r\u001b[K${text}`) : undefined,
    color: live && (noColor ?? '') === '',
    environment: process.env,
    folder: process.cwd(),
    // Only for commands that ask for it: long-running ones have their own way to stop.
    get signal() {
      stop ??= signalOfProcess()
      return stop
    },
    clock: Date.now,
  }
}

let stopped = false
/** Whether this process was asked to stop. */
export const wasStopped = (): boolean => stopped

/** The second Ctrl-C does not wait for a clean end. */
function signalOfProcess(): AbortSignal {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130)
    stopped = true
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}
