// Errors of MySQL and MariaDB and of the way to them, as faults that say what happened.
import { Fault, type FaultCode } from '#contract/fault'

interface DriverError {
  readonly message: string
  /** Number of the server's error; undefined when it is not from the server. */
  readonly number: number | undefined
  /** Name of the error, or the code of a system error. */
  readonly code: string | undefined
}

function read(error: unknown): DriverError {
  const from = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>
  const code = typeof from['code'] === 'string' ? from['code'] : undefined
  // Trying several addresses of one host gives one error for each.
  const inner = Array.isArray(from['errors']) && from['errors'].length > 0 ? read(from['errors'][0]) : undefined
  const message = typeof from['message'] === 'string' ? from['message'] : ''
  return {
    message: message === '' ? (inner?.message ?? String(error)) : message,
    // The driver takes the negative number of a system error for one, too.
    number: typeof from['errno'] === 'number' && from['errno'] > 0 ? from['errno'] : undefined,
    code: code ?? inner?.code,
  }
}

/** `place` names the server in messages, without any credential. */
export interface Place {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly username: string
}

const unreachable: Readonly<Record<string, (place: Place) => string>> = {
  ENOTFOUND: ({ host }) => `the host "${host}" is not known`,
  EAI_AGAIN: ({ host }) => `the name of the host "${host}" cannot be looked up at the moment`,
  ECONNREFUSED: ({ host, port }) => `nothing answers at ${host}:${port}`,
  EHOSTUNREACH: ({ host }) => `there is no way to the host ${host}`,
  ENETUNREACH: ({ host }) => `there is no way to the host ${host}`,
  ECONNRESET: ({ host, port }) => `${host}:${port} closed the connection at once; is it a MySQL or MariaDB server?`,
  PROTOCOL_CONNECTION_LOST: ({ host, port }) =>
    `${host}:${port} closed the connection at once; is it a MySQL or MariaDB server?`,
  ETIMEDOUT: ({ host, port }) => `${host}:${port} does not answer in time`,
  HANDSHAKE_NO_SSL_SUPPORT: ({ host, port }) => `the server at ${host}:${port} does not offer encryption`,
}

/** Wrong user or password, expired password, a way of signing in that cannot be used. */
const authentication = new Set([1045, 1698, 1130, 1251, 1275, 1524, 1820, 1862, 3118, 3159, 4151])

/** While connecting. */
export function connectFault(error: unknown, place: Place): Fault {
  if (error instanceof Fault) return error
  const { message, code, number } = read(error)
  const at = `${place.host}:${place.port}`
  const fault = (kind: FaultCode, text: string, hint?: string): Fault =>
    new Fault(kind, text, { cause: error, hint, ...(number === undefined ? {} : { databaseCode: String(number) }) })
  if (number === 1130) {
    const hint = 'An administrator must allow this user to come from this address (CREATE USER … @host).'
    return fault('database-authentication', `the server at ${at} does not let anybody in from here: ${message}`, hint)
  }
  if (number !== undefined && authentication.has(number)) {
    return fault('database-authentication', `the server at ${at} refuses the user "${place.username}": ${message}`)
  }
  if (number === 1049) return fault('database-not-found', `the server at ${at} has no database "${place.database}"`)
  if (number === 1044 || number === 1142) return fault('database-permission', message)
  if (number === 1129) {
    const hint = 'An administrator must run FLUSH HOSTS there.'
    return fault('database-unreachable', `the server at ${at} has blocked this address: ${message}`, hint)
  }
  if (number !== undefined) {
    return fault('database-unreachable', `the server at ${at} cannot take the connection: ${message}`)
  }
  if (/certificate|self.signed|altname/i.test(`${code} ${message}`)) {
    const hint = 'Name the file with the certificate authority, or connect by the name that the certificate has.'
    return fault('database-unreachable', `the certificate of ${at} is not trusted: ${message}`, hint)
  }
  const known = unreachable[code ?? '']?.(place)
  if (known !== undefined) return fault('database-unreachable', known)
  if (/packet|handshake|protocol/i.test(message)) {
    return fault('database-unreachable', `what answers at ${at} is not a MySQL or MariaDB server`)
  }
  return fault('database-unreachable', `cannot connect to ${at}: ${message}`)
}

/** The connection is gone, or the server is about to close it. */
const lost = new Set([1053, 1077, 1079, 1080, 1152, 1153, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 4031])
/** Lock wait, statement time (MariaDB, MySQL), `NOWAIT`. */
const timedOut = new Set([1205, 1969, 3024, 3572])
/** Rights on databases, tables, columns, routines and settings; the server is read-only. */
const permission = new Set([1044, 1045, 1095, 1131, 1142, 1143, 1144, 1227, 1290, 1370, 1410, 1419, 1836])

/** While working. `sql` is what was sent. */
export function statementFault(error: unknown, sql: string, isLost: boolean): Fault {
  if (error instanceof Fault) return error
  const { message, number } = read(error)
  if (isLost || number === undefined || lost.has(number)) {
    const text = `the connection to the database broke: ${message}`
    return new Fault('database-lost', text, {
      cause: error,
      ...(number === undefined ? {} : { databaseCode: String(number) }),
    })
  }
  return new Fault(codeFor(number), message, {
    databaseCode: String(number),
    position: positionOf(message, sql),
    hint: hintFor(number),
    cause: error,
  })
}

function codeFor(number: number): FaultCode {
  if (number === 1317) return 'cancelled'
  if (timedOut.has(number)) return 'timed-out'
  return permission.has(number) ? 'database-permission' : 'statement-failed'
}

function hintFor(number: number): string | undefined {
  if (number === 1213) return 'Another session held what this one needed, and the other way round. Run it again.'
  if (number === 1205)
    return 'Find out which session holds the rows or the table (SHOW PROCESSLIST), or raise the time-out.'
  if (number === 1046) return 'Name the database in the URL: jdbc:mysql://host:3306/name.'
  return undefined
}

/**
 * The server quotes the text from where it could not go on, and counts lines from 1. Offset from 0 in UTF-16 code units;
 * undefined when neither helps.
 */
export function positionOf(message: string, sql: string): number | undefined {
  const match = /near '(.*)' at line (\d+)$/s.exec(message)
  if (!match) return positionOfName(message, sql)
  const [, quoted = '', line = '1'] = match
  // MariaDB marks what it cut off.
  const near = quoted.length >= 80 ? quoted.replace(/\.\.\.$/, '') : quoted
  if (near === '') return sql.trimEnd().length
  const start = startOfLine(sql, Number(line))
  const found = sql.indexOf(near, start)
  return found >= 0 ? found : sql.indexOf(near) >= 0 ? sql.indexOf(near) : start
}

/** `Table 'shop.t' doesn't exist`, `Unknown column 't.a' in 'SET'`: where the name stands, if it stands in one place only. */
function positionOfName(message: string, sql: string): number | undefined {
  const quoted =
    /^(?:Table|Unknown (?:column|table|view|procedure)|Duplicate column name|FUNCTION|PROCEDURE) '?([^' ]+)'?/i
  const name = quoted.exec(message)?.[1]?.split('.').at(-1)
  if (name === undefined) return undefined
  const text = name.replace(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`)
  const found = [...sql.matchAll(new RegExp(text, 'gi'))].filter(
    ({ index }) => !endsInName.test(sql.slice(0, index)) && !beginsWithName.test(sql.slice(index + name.length)),
  )
  return found.length === 1 ? found[0]?.index : undefined
}

/** Made once: with all letters of Unicode an expression takes a millisecond to make. */
const endsInName = /[\p{L}\p{N}_$]$/u
const beginsWithName = /^[\p{L}\p{N}_$]/u

function startOfLine(sql: string, line: number): number {
  let start = 0
  for (let count = 1; count < line; count++) {
    const end = sql.indexOf('\n', start)
    if (end < 0) return start
    start = end + 1
  }
  return start
}
