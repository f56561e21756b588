// Errors of the store: which constraint was violated, and when the store is away.
import { Fault } from '#contract/fault'

/** What both drivers tell about an error of the database. */
export interface DatabaseErrorFields {
  readonly message: string
  readonly code?: string | undefined
  readonly constraint?: string | undefined
  readonly table?: string | undefined
  readonly column?: string | undefined
  readonly detail?: string | undefined
}

/** An error of the embedded database, with the same fields that `pg` gives. */
export class StoreError extends Error {
  readonly code: string | undefined
  readonly constraint: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  readonly detail: string | undefined

  constructor(fields: DatabaseErrorFields) {
    super(fields.message)
    this.name = 'StoreError'
    this.code = fields.code
    this.constraint = fields.constraint
    this.table = fields.table
    this.column = fields.column
    this.detail = fields.detail
  }
}

/** True for a duplicate key, of the named constraint when one is named. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return hasCode(error, '23505') && (constraint === undefined || fieldsOf(error).constraint === constraint)
}

/** True when a row that is referred to is missing, or is still referred to. */
export function isForeignKeyViolation(error: unknown): boolean {
  return hasCode(error, '23503')
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && fieldsOf(error).code === code
}

function fieldsOf(error: unknown): Partial<DatabaseErrorFields> {
  return error as Partial<DatabaseErrorFields>
}

/** System errors of a connection, then admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout, too_many_connections. */
const awayCodes = new Set(
  'ECONNREFUSED ECONNRESET ENOTFOUND EAI_AGAIN ETIMEDOUT EPIPE ENOENT 57P01 57P02 57P03 57P05 53300'.split(' '),
)

/** The error as the rest of the manager sees it: a store that is away is a fault, anything else stays what it is. */
export function translateStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Fault) return error
  const { code } = fieldsOf(error)
  const away =
    code === undefined
      ? /connection terminated|timeout exceeded when trying to connect/i.test(error.message)
      : awayCodes.has(code) || code.startsWith('08')
  return away ? new Fault('store-unavailable', 'The metadata store cannot be reached.', { cause: error }) : error
}
