// What every secret manager is to the delegate: something that reads a value at a path. One file for each kind beside this one.
import { Fault } from '#contract/fault'
import { describeManager, type ManagerName, type SignInPorts } from '#outward/cloud/call'

/** A text, the bytes of a file, or both when a file is a text. */
export interface SecretValue {
  readonly text?: string
  readonly bytes?: Uint8Array
}

export interface SecretManager {
  /**
   * What stands at `path`; `#field` at its end chooses a field of what is found. Faults: `secret-unresolved` when it is not there,
   * `secret-manager-refused` when the manager does not let us, `secret-manager-unreachable` when it does not answer. None of them
   * holds a value.
   */
  read(path: string, signal: AbortSignal): Promise<SecretValue>
  /**
   * Signs in and asks the manager whether it takes that; gives what it said in one sentence. Faults as those of `read`. Absent: it
   * has no connector that could be tested.
   */
  readonly test?: (signal: AbortSignal) => Promise<string>
  /** Values that end with the attempt: when to renew them, and how to give them back. Absent: values are not lent. */
  readonly loans?: Loans
}

export interface Loans {
  /** Milliseconds until something must be renewed; undefined: nothing is lent. */
  due(): number | undefined
  renew(signal: AbortSignal): Promise<void>
  /** Gives everything back, so that it is worth nothing any more. */
  revoke(signal: AbortSignal): Promise<void>
}

/** What a secret manager may use. */
export interface ManagerPorts extends SignInPorts {
  /** Opens a secret that the spec of the manager refers to. Raises `secret-unresolved`. */
  readonly credential: (reference: string) => string
}

/** `db/shop#password` → `db/shop` and `password`. Without a `#` there is no field. */
export function splitPath(path: string): { readonly path: string; readonly field: string | undefined } {
  const at = path.lastIndexOf('#')
  return at === -1 ? { path, field: undefined } : { path: path.slice(0, at), field: path.slice(at + 1) }
}

/** Name of a secret that a test asks for, because not being there is an answer to somebody who is signed in. */
export const absentSecret = 'sluice-connection-test'
/** What a test can say when the manager knows who asks, and does not let him read just any name. */
export const signedIn = 'It took the sign-in; which secrets it gives is decided for each of them'

export function notFound(manager: ManagerName, path: string, why: string, hint: string): Fault {
  return new Fault('secret-unresolved', `The secret manager ${describeManager(manager)} has no ${path}: ${why}.`, {
    hint,
  })
}

/**
 * One field of what was found. Without a name the only one, or the one called `value`. Raises `secret-unresolved` that names the
 * fields, never a value.
 */
export function chooseField(
  manager: ManagerName,
  path: string,
  fields: Readonly<Record<string, unknown>>,
  field: string | undefined,
): string {
  const names = Object.keys(fields)
  const chosen = field ?? (names.length === 1 ? names[0] : 'value')
  const value = chosen !== undefined && Object.hasOwn(fields, chosen) ? fields[chosen] : undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  const known = names.length === 0 ? 'it has no fields' : `its fields are ${names.slice(0, 20).join(', ')}`
  const why = field === undefined ? `no field is named, and ${known}` : `there is no field ${field}, ${known}`
  throw notFound(manager, path, why, `Name the field: ${path}#field.`)
}

/** A text that is chosen from: whole without a field, otherwise a field of the JSON object that it is. */
export function chooseFromText(manager: ManagerName, path: string, text: string, field: string | undefined): string {
  if (field === undefined) return text
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    parsed = undefined
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw notFound(manager, path, `a field ${field} is named, and the value is no JSON object`, `Leave out #${field}.`)
  return chooseField(manager, path, parsed as Record<string, unknown>, field)
}
