// How the statements of one transaction travel: as few messages as possible, and after a failure still exactly one culprit.
// The server answers a message of several commands with one tag for each that completed and then perhaps an error. Commands of a
// closed text are counted; a text that may hold several, or that leaves a quote open, is always the last of its message.
import { isClosed } from './closed.ts'

export interface Message {
  readonly sql: string
  /** What stands in it, in order, with the offset in `sql`. */
  readonly parts: readonly Part[]
}

/** `statement` counts from 0; the begin is -1, the commit is the number of statements. */
interface Part {
  readonly statement: number
  readonly start: number
}

/** Of more text than this a message is not made longer: the server parses all of it before it begins. UTF-16 code units. */
const enough = 1_000_000

/** On lines of its own: the text before may end in a comment. */
export const separator = '\n;\n'

/** `begin`: what begins the transaction, one command or several. */
export function messagesOf(statements: readonly string[], begin = 'BEGIN'): readonly Message[] {
  const messages: Message[] = []
  const commands = begin.split(separator)
  let sql = begin
  let parts: Part[] = commands.map(() => ({ statement: -1, start: 0 }))
  const send = (): void => {
    if (parts.length > 0) messages.push({ sql, parts })
    sql = ''
    parts = []
  }
  const add = (statement: number, text: string): void => {
    if (parts.length > 0) sql += separator
    parts.push({ statement, start: sql.length })
    sql += text
  }
  for (const [statement, text] of statements.entries()) {
    add(statement, text)
    if (sql.length > enough || !isClosed(text)) send()
  }
  add(statements.length, 'COMMIT')
  send()
  return messages
}

/** Which part an offset in the message lies in. */
export function partAt(message: Message, offset: number): Part | undefined {
  return message.parts.findLast((part) => part.start <= offset)
}

/** The part that the server was at when so many commands of the message had completed. */
export function partAfter(message: Message, completed: number): Part | undefined {
  return message.parts[Math.min(completed, message.parts.length - 1)]
}
