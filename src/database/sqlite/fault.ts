// Errors of SQLite as faults.
import { Fault, type FaultCode } from '#contract/fault'

/** `sql` is what ran. SQLite tells no position, only the word near which it stopped. */
export function statementFault(error: unknown, sql: string): Fault {
  if (error instanceof Fault) return error
  const message = error instanceof Error ? error.message : String(error)
  const code = codeOf(error)
  return new Fault(faultCode(code), message, { databaseCode: code, position: positionOf(message, sql), cause: error })
}

export function openFault(error: unknown, path: string): Fault {
  const message = error instanceof Error ? error.message : String(error)
  if (/unable to open/i.test(message)) {
    return new Fault('database-unreachable', `the file ${path} cannot be opened`, {
      cause: error,
      hint: 'Check that its folder exists and that the process may read and write there.',
    })
  }
  if (/not a database/i.test(message)) {
    return new Fault('database-url-invalid', `the file ${path} is not a SQLite database`, { cause: error })
  }
  return statementFault(error, '')
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' && code !== '' ? code : undefined
}

function faultCode(code: string | undefined): FaultCode {
  if (code?.startsWith('SQLITE_BUSY') || code?.startsWith('SQLITE_LOCKED')) return 'database-in-use'
  if (code?.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM' || code === 'SQLITE_AUTH')
    return 'database-permission'
  if (code?.startsWith('SQLITE_IOERR') || code === 'SQLITE_CANTOPEN') return 'database-lost'
  return 'statement-failed'
}

/** `near "selec": syntax error`: the place is certain only when the word occurs once. */
function positionOf(message: string, sql: string): number | undefined {
  const word = /^near "(.+)": syntax error/s.exec(message)?.[1]
  if (word === undefined) return undefined
  const first = sql.indexOf(word)
  return first >= 0 && sql.indexOf(word, first + 1) < 0 ? first : undefined
}
