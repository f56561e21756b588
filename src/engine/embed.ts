// The engine on a connection that somebody else opened: how the manager's own store migrates itself.
import type { FileSource } from '#changelog/source'
import { Fault } from '#contract/fault'
import type { Session } from '#database/port'

export interface MigrateOptions {
  readonly session: Session
  readonly dialect: 'postgresql'
  readonly files: FileSource
  /** Root changelog, a path of `files`. */
  readonly file: string
  readonly log?: (line: string) => void
  /** Milliseconds to wait for another process that migrates; default one minute. */
  readonly patience?: number
}

/**
 * Applies what is missing. Safe when two processes start at once: the second waits and then finds nothing to do. Costs one or
 * two queries when there is nothing to do. Does not close the session. Returns how many change sets ran.
 */
export async function migrate(_options: MigrateOptions, _signal?: AbortSignal): Promise<number> {
  throw new Fault('not-offered', 'It is being written.')
}
