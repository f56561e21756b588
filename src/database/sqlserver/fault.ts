// Errors of SQL Server and of the way to it, as faults that say what happened.
import { Fault, type FaultCode } from '#contract/fault'

interface DriverError {
  readonly message: string
  /** Number of the server's error; undefined when it is not from the server. */
  readonly number: number | undefined
  /** Line of the batch, from 1; 0 or undefined when the server does not say. */
  readonly line: number | undefined
  /** Code of the driver or of a system error. */
  readonly code: string | undefined
}

/** Of several errors the first one tells: those after it follow from it. */
function read(error: unknown): DriverError {
  const from = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>
  const errors = Array.isArray(from['errors']) ? (from['errors'] as readonly unknown[]) : []
  if (errors.length > 0 && typeof from['number'] !== 'number') return read(errors[0])
  const cause = typeof from['cause'] === 'object' && from['cause'] !== null ? read(from['cause']) : undefined
  const code = typeof from['code'] === 'string' ? from['code'] : undefined
  // The code of the driver says only that it was the socket; that of the system says why.
  const system = /\b(E[A-Z_]{4,})\b/.exec(typeof from['message'] === 'string' ? from['message'] : '')?.[1]
  return {
    message: typeof from['message'] === 'string' ? from['message'] : String(error),
    number: typeof from['number'] === 'number' ? from['number'] : cause?.number,
    line: typeof from['lineNumber'] === 'number' ? from['lineNumber'] : undefined,
    code: cause?.code ?? (code === 'ESOCKET' ? (system ?? code) : code),
  }
}

/** `place` names the server in messages, without any credential. */
export interface Place {
  readonly host: string
  readonly port: number | undefined
  readonly database: string
  readonly username: string
}

/** Wrong login, disabled, locked, expired or must be changed, not from a trusted domain. */
const authentication = new Set([18_450, 18_452, 18_456, 18_457, 18_461, 18_470, 18_486, 18_487, 18_488])
const noDatabase = new Set([911, 4060, 4062, 4063])
/** Rights on objects, databases, schemas and statements; a read-only database. */
const permission = new Set([
  229, 230, 262, 297, 300, 916, 1088, 2571, 2760, 3906, 4613, 6004, 15_151, 15_247, 15_406, 15_562,
])
/** Lock request time-out; the engine's own lock. */
const timedOut = new Set([1222])
const lost = new Set([233, 596, 6005, 10_053, 10_054, 10_060, 40_197, 40_501, 40_613])

const unreachable: Readonly<Record<string, (at: string, host: string) => string>> = {
  ENOTFOUND: (_at, host) => `the host "${host}" is not known`,
  EAI_AGAIN: (_at, host) => `the name of the host "${host}" cannot be looked up at the moment`,
  ECONNREFUSED: (at) => `nothing answers at ${at}`,
  EHOSTUNREACH: (_at, host) => `there is no way to the host ${host}`,
  ENETUNREACH: (_at, host) => `there is no way to the host ${host}`,
  ECONNRESET: (at) => `${at} closed the connection at once; is it SQL Server?`,
  ETIMEOUT: (at) => `${at} does not answer in time`,
  ETIMEDOUT: (at) => `${at} does not answer in time`,
  EINSTLOOKUP: (_at, host) => `the host ${host} does not tell where the instance listens`,
}

/** While connecting. `refusal` is the number of an error that the server sent meanwhile. */
export function connectFault(error: unknown, place: Place, refusal?: number): Fault {
  if (error instanceof Fault) return error
  if (error instanceof Error && error.cause instanceof Fault) return error.cause
  const { message, code, number = refusal } = read(error)
  const at = place.port === undefined ? place.host : `${place.host}:${place.port}`
  const fault = (kind: FaultCode, text: string, hint?: string): Fault =>
    new Fault(kind, text, { cause: error, hint, ...(number === undefined ? {} : { databaseCode: String(number) }) })
  if (number !== undefined && noDatabase.has(number)) {
    return fault('database-not-found', `the server at ${at} does not open the database "${place.database}": ${message}`)
  }
  if ((number !== undefined && authentication.has(number)) || (number === undefined && code === 'ELOGIN')) {
    return fault('database-authentication', `the server at ${at} refuses the user "${place.username}": ${message}`)
  }
  if (number !== undefined && permission.has(number)) return fault('database-permission', message)
  if (/certificate|self.signed|altname|UNABLE_TO_VERIFY|ERR_TLS/i.test(`${code} ${message}`)) {
    const hint = 'Name the file with the certificate authority, or put trustServerCertificate=true into the URL.'
    return fault('database-unreachable', `the certificate of ${at} is not trusted: ${message}`, hint)
  }
  const known = unreachable[code ?? '']?.(at, place.host)
  if (known !== undefined) return fault('database-unreachable', known)
  return fault('database-unreachable', `cannot connect to ${at}: ${message}`)
}

/** While working. `sql` is what was sent. */
export function statementFault(error: unknown, sql: string, isLost: boolean): Fault {
  if (error instanceof Fault) return error
  const { message, number, line, code } = read(error)
  if (code === 'ECANCEL') return new Fault('cancelled', 'Cancelled on request.', { cause: error })
  if (isLost || number === undefined || lost.has(number)) {
    return new Fault('database-lost', `the connection to the database broke: ${message}`, {
      cause: error,
      ...(number === undefined ? {} : { databaseCode: String(number) }),
    })
  }
  return new Fault(codeFor(number), message, {
    databaseCode: String(number),
    position: positionOf(message, line, sql),
    hint:
      number === 1205 ? 'Another session held what this one needed, and the other way round. Run it again.' : undefined,
    cause: error,
  })
}

function codeFor(number: number): FaultCode {
  if (timedOut.has(number)) return 'timed-out'
  return permission.has(number) ? 'database-permission' : 'statement-failed'
}

/** The server tells the line, and often quotes the name. Offset from 0 in UTF-16 code units; undefined when neither helps. */
export function positionOf(message: string, line: number | undefined, sql: string): number | undefined {
  const lines = sql.split('\n')
  if (line === undefined || line < 1 || line > lines.length) return undefined
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
  const quoted = /(?:near|name|column|object|procedure) (?:the keyword )?'([^']+)'/i.exec(message)?.[1]
  const text = lines[line - 1] ?? ''
  const word = quoted === undefined ? -1 : text.toLowerCase().indexOf(quoted.toLowerCase())
  if (word >= 0) return start + word
  // The line is that where the statement began or where the parser stopped; its first character is as near as it gets.
  return start + (text.length - text.trimStart().length)
}
