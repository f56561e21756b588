// Errors of PostgreSQL and of the way to it, as faults that say what happened.
import { Fault, type FaultCode } from '#contract/fault'

interface DriverError {
  readonly message: string
  /** SQLSTATE, or the code of a system error. */
  readonly code: string | undefined
  readonly position: string | undefined
  readonly detail: string | undefined
  readonly hint: string | undefined
}

function read(error: unknown): DriverError {
  const from = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>
  const text = (name: string): string | undefined => (typeof from[name] === 'string' ? from[name] : undefined)
  // Trying several addresses of one host gives one error for each.
  const inner = Array.isArray(from['errors']) && from['errors'].length > 0 ? read(from['errors'][0]) : undefined
  const message = text('message') ?? ''
  return {
    message: message === '' ? (inner?.message ?? String(error)) : message,
    code: text('code') ?? inner?.code,
    position: text('position'),
    detail: text('detail'),
    hint: text('hint'),
  }
}

const isSqlState = (code: string | undefined): code is string => code !== undefined && /^[\dA-Z]{5}$/.test(code)

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
  ECONNRESET: ({ host, port }) => `${host}:${port} closed the connection at once; is it a PostgreSQL server?`,
  ETIMEDOUT: ({ host, port }) => `${host}:${port} does not answer`,
}

/** While connecting. */
export function connectFault(error: unknown, place: Place): Fault {
  if (error instanceof Fault) return error
  const { message, code, detail } = read(error)
  const fault = (kind: FaultCode, text: string, hint?: string): Fault =>
    new Fault(kind, text, { cause: error, hint, ...(isSqlState(code) ? { databaseCode: code } : {}) })
  const at = `${place.host}:${place.port}`
  if (code === '28P01' || (code === '28000' && !/no pg_hba/.test(message))) {
    return fault('database-authentication', `the server at ${at} refuses the user "${place.username}": ${message}`)
  }
  if (code === '28000') {
    const hint = 'An administrator must allow this user, database and address in pg_hba.conf.'
    return fault('database-authentication', `the server at ${at} does not let anybody in from here: ${message}`, hint)
  }
  if (code === '3D000') {
    return fault('database-not-found', `the server at ${at} has no database "${place.database}"`)
  }
  if (code === '42501') return fault('database-permission', message)
  if (isSqlState(code)) {
    return fault('database-unreachable', `the server at ${at} cannot take the connection: ${message}${more(detail)}`)
  }
  if (/certificate|self.signed|altname/i.test(`${code} ${message}`)) {
    const hint = 'Name the file with the certificate authority, or connect by the name that the certificate has.'
    return fault('database-unreachable', `the certificate of ${at} is not trusted: ${message}`, hint)
  }
  if (/error establishing an SSL connection/i.test(message)) {
    return fault('database-unreachable', `what answers at ${at} is not a PostgreSQL server`)
  }
  if (/timeout/i.test(message)) return fault('database-unreachable', `${at} does not answer in time`)
  return fault('database-unreachable', unreachable[code ?? '']?.(place) ?? `cannot connect to ${at}: ${message}`)
}

const more = (text: string | undefined): string => (text === undefined ? '' : `; ${text}`)

/** Our own SQLSTATE, of a class that the standard leaves to applications: a statement came to another session than ours. */
export const otherSession = 'SLU01'

/** While working. `sql` is what was sent; the position that the server gives counts its characters from 1. */
export function statementFault(error: unknown, sql: string, lost: boolean): Fault {
  if (error instanceof Fault) return error
  const { message, code, detail, hint, position } = read(error)
  if (lost || !isSqlState(code) || /^(?:08|57P0)/.test(code)) {
    const text = `the connection to the database broke: ${message}`
    return new Fault('database-lost', text, { cause: error, ...(isSqlState(code) ? { databaseCode: code } : {}) })
  }
  return new Fault(codeFor(code, message), `${message}${more(detail)}`, {
    databaseCode: code,
    position: position === undefined ? undefined : offsetOf(sql, Number(position)),
    hint,
    cause: error,
  })
}

function codeFor(code: string, message: string): FaultCode {
  if (code === otherSession) return 'database-pooled'
  if (code === '42501') return 'database-permission'
  if (code === '55P03') return 'timed-out'
  if (code === '57014') return /timeout/i.test(message) ? 'timed-out' : 'cancelled'
  return 'statement-failed'
}

/** Characters of the server are code points, ours are UTF-16 code units. */
function offsetOf(sql: string, position: number): number | undefined {
  if (!Number.isInteger(position) || position < 1) return undefined
  let offset = 0
  for (let count = 1; count < position && offset < sql.length; count++) {
    offset += (sql.codePointAt(offset) ?? 0) > 0xff_ff ? 2 : 1
  }
  return offset
}
