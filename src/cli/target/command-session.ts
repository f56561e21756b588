// What every command of the engine is given.
import type { Terminal } from '../terminal.ts'
import type { Settings } from './setting.ts'

export interface CommandSession {
  readonly settings: Settings
  /** Goes where the settings say; use it instead of the one that the command was called with. */
  readonly terminal: Terminal
  /** A line for the log. */
  readonly log: (line: string) => void
  readonly json: boolean
  /** Data: as JSON when that is wanted, otherwise as text; nothing for an undefined text. */
  readonly print: (data: unknown, text: string | undefined) => void
}
