// What a PostgreSQL session needs of its transport: a server over the network, or the embedded database in this process.
import type { SqlValue } from '../port.ts'

export interface Reply {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** Rows that the command tag counts; undefined for commands without a count. */
  readonly count: number | undefined
  /** First word of the command tag. */
  readonly command: string
}

/** How far the server came with the commands of one message. */
export interface Progress {
  /** Command tags of those that completed, for example `INSERT 0 1`. */
  readonly tags: readonly string[]
  /** What ended it early, as the driver gives it. */
  readonly error?: unknown
}

/** Errors are those of the driver: with `code` (SQLSTATE) and `position` when the server sent them. */
export interface Connection {
  /** One reply for each statement. With parameters there is exactly one statement. */
  send(sql: string, parameters: readonly SqlValue[] | undefined): Promise<readonly Reply[]>
  /** Commands whose rows nobody wants. Does not reject: an error comes beside what was done before it. */
  run(sql: string): Promise<Progress>
  readonly canCopy: boolean
  /** `COPY … FROM STDIN` with these parts of its text, as fast as the server takes them. Where `canCopy` says so. */
  copy(sql: string, parts: Iterable<Uint8Array>): Promise<Progress>
  /** Asks the server to cancel what runs now. It may be too late or too early for that. Absent where it cannot be done. */
  cancel?(): Promise<void>
  /** Process id of the server's session as it was told at the start; undefined where there is no server. */
  readonly announced: number | undefined
  /** Drops the connection at once. */
  destroy(): void
  close(): Promise<void>
  readonly lost: boolean
}

/** Types that the rest of the house wants in JavaScript's own form; everything else stays text. */
export const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  21: Number,
  23: Number,
  26: Number,
  700: Number,
  701: Number,
}
/** Types whose text a driver would otherwise turn into something else: int8, numeric, json, dates and times. */
export const textTypes = [20, 1700, 114, 3802, 1082, 1083, 1114, 1184, 1266, 1186, 2950, 19, 25, 1043, 1042] as const
