// Errors of Oracle and of the way to it, as faults that say what happened.
import { Fault, type FaultCode } from '#contract/fault'

interface DriverError {
  readonly message: string
  /** Number of an ORA error; undefined when it is the driver's own. */
  readonly number: number | undefined
  /** `ORA-00942`, `NJS-510`, or the code of a system error. */
  readonly code: string | undefined
  /** Of a statement that does not parse, from 0. */
  readonly offset: number | undefined
}

function read(error: unknown): DriverError {
  const from = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>
  const message = typeof from['message'] === 'string' ? from['message'] : String(error)
  const ora = /\bORA-(\d{5})\b/.exec(message)?.[1]
  const given = typeof from['errorNum'] === 'number' && from['errorNum'] > 0 ? from['errorNum'] : undefined
  const njs = /\bNJS-\d{3}\b/.exec(message)?.[0]
  const number =
    njs === undefined || message.indexOf(njs) > message.indexOf('ORA-')
      ? ora === undefined
        ? given
        : Number(ora)
      : undefined
  return {
    // The driver adds an address of its help pages.
    message: message.replace(/\n(?:Help: )?https?:\/\/\S+\s*$/, '').trim(),
    number: ora === undefined && njs !== undefined ? undefined : number,
    code: ora === undefined ? (njs ?? (typeof from['code'] === 'string' ? from['code'] : undefined)) : `ORA-${ora}`,
    offset: typeof from['offset'] === 'number' && from['offset'] > 0 ? from['offset'] : undefined,
  }
}

/** `place` names the server in messages, without any credential. */
export interface Place {
  readonly host: string
  readonly port: number | undefined
  readonly database: string
  readonly username: string
}

/** Wrong user or password, locked, expired, may not create a session, signing in by other means. */
const authentication = new Set([1005, 1017, 1040, 28_000, 28_001, 28_002, 28_007, 28_009, 28_030, 28_041])
/** The listener knows neither service nor SID, or the database behind it is not open. */
const noDatabase = new Set([1033, 1034, 12_504, 12_505, 12_514, 12_521, 12_523, 12_526, 12_528])
const permission = new Set([990, 1031, 1039, 1045, 1720, 1749, 1917, 1924, 1950, 16_000, 28_113, 41_900])
/** Resource busy, DDL and library cache lock, deadline of a call. */
const timedOut = new Set([54, 4021, 3136, 12_161, 30_006, 51])
const lost = new Set([
  22, 28, 600, 1012, 1089, 1090, 1092, 2396, 3113, 3114, 3135, 12_537, 12_547, 12_570, 12_571, 25_408,
])

/** While connecting. */
export function connectFault(error: unknown, place: Place): Fault {
  if (error instanceof Fault) return error
  const { message, code, number } = read(error)
  const at = place.port === undefined ? place.host : `${place.host}:${place.port}`
  const fault = (kind: FaultCode, text: string, hint?: string): Fault =>
    new Fault(kind, text, { cause: error, hint, ...(code === undefined ? {} : { databaseCode: code }) })
  if (number !== undefined && authentication.has(number)) {
    return fault('database-authentication', `the server at ${at} refuses the user "${place.username}": ${message}`)
  }
  if ((number !== undefined && noDatabase.has(number)) || code === 'NJS-518' || code === 'NJS-519') {
    return fault('database-not-found', `the listener at ${at} does not offer "${place.database}": ${message}`)
  }
  if (number !== undefined && permission.has(number)) return fault('database-permission', message)
  if (/NJS-50[5-8]|certificate|self.signed/i.test(`${code} ${message}`)) {
    return fault('database-unreachable', `no trusted encrypted connection to ${at}: ${message}`)
  }
  if (/NJS-138|NJS-116|NJS-115/.test(code ?? '')) {
    const hint =
      'The thin driver needs Oracle Database 12.1 or newer, and a user with a password of version 11G or newer.'
    return fault('database-unreachable', `the server at ${at} cannot be used: ${message}`, hint)
  }
  if (code === 'NJS-530' || /ENOTFOUND|EAI_AGAIN/.test(message))
    return fault('database-unreachable', `the host "${place.host}" is not known`)
  if (code === 'NJS-511' || /ECONNREFUSED/.test(message))
    return fault('database-unreachable', `nothing answers at ${at}`)
  if (code === 'NJS-510' || /ETIMEDOUT/.test(message)) {
    return fault('database-unreachable', `${at} does not answer in time`)
  }
  return fault('database-unreachable', `cannot connect to ${at}: ${message}`)
}

/** While working. */
export function statementFault(error: unknown, sql: string, isHealthy: boolean): Fault {
  if (error instanceof Fault) return error
  const { message, number, code, offset } = read(error)
  const databaseCode = code === undefined ? {} : { databaseCode: code }
  if (number === 1013) return new Fault('cancelled', 'Cancelled on request.', { cause: error, ...databaseCode })
  if (number === undefined ? !isHealthy || /^NJS-50[013]$|^E[A-Z]+$/.test(code ?? '') : lost.has(number)) {
    return new Fault('database-lost', `the connection to the database broke: ${message}`, {
      cause: error,
      ...databaseCode,
    })
  }
  return new Fault(number === undefined ? 'statement-failed' : codeFor(number), message, {
    ...databaseCode,
    position: positionOf(message, offset, sql),
    hint:
      number === 60 ? 'Another session held what this one needed, and the other way round. Run it again.' : undefined,
    cause: error,
  })
}

function codeFor(number: number): FaultCode {
  if (timedOut.has(number)) return 'timed-out'
  return permission.has(number) ? 'database-permission' : 'statement-failed'
}

/** The parser tells an offset, PL/SQL line and column. Offset from 0 in UTF-16 code units; undefined when it tells neither. */
export function positionOf(message: string, offset: number | undefined, sql: string): number | undefined {
  const place = /ORA-06550: line (\d+), column (\d+)/.exec(message)
  if (place) {
    const start = sql.split('\n').slice(0, Number(place[1]) - 1)
    return start.reduce((sum, line) => sum + line.length + 1, 0) + Number(place[2]) - 1
  }
  return offset === undefined || offset > sql.length ? undefined : offset
}
