// The log of a long-running process: JSON lines for machines, short lines for a person at a terminal.
import { type Logger, pino } from 'pino'

/** `SLUICE_LOG_LEVEL` sets the level; `quiet` shows only what went wrong, for commands that print for themselves. */
export function createLog(environment: Readonly<Record<string, string | undefined>>, quiet: boolean): Logger {
  const level = environment['SLUICE_LOG_LEVEL'] ?? (quiet ? 'warn' : 'info')
  // Standard output belongs to the command's own words.
  return pino(
    { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
}
