// Opens the secrets of one attempt: those that came sealed, then those in other managers, for which the first may be the key.
import type { SecretPlace } from '#contract/delegate/protocol'
import type { TestedManager } from '#contract/delegate/step-document'
import { Fault, toFaultRecord } from '#contract/fault'
import type { Loans, ManagerPorts, SecretManager, SecretValue } from './manager/port.ts'
import { type OwnSecrets, openManager } from './managers.ts'

export interface OpenedBox {
  readonly ref: string
  readonly form: 'text' | 'file'
  /** A text, or the base64 of a file. */
  readonly value: string
}

export interface AttemptSecrets {
  /** Texts by reference. */
  readonly secrets: Record<string, string>
  /** Base64 of bytes by reference. */
  readonly files: Record<string, string>
  /** What could not be had, and why; holds no value. */
  readonly failures: readonly { readonly ref: string; readonly fault: Fault }[]
  readonly loans: readonly Loans[]
  /** What came of managers that are only tested, by reference. */
  readonly tested: Readonly<Record<string, TestedManager>>
}

const delegateManagers = /^delegate[A-Z]/

function put(opened: AttemptSecrets, ref: string, { text, bytes }: SecretValue): void {
  if (text !== undefined) opened.secrets[ref] = text
  if (bytes !== undefined) opened.files[ref] = Buffer.from(bytes).toString('base64')
}

/** Never raises for one that is missing: the step says so, in the log that people read. Raises the reason of `signal`. */
export async function openAttemptSecrets(
  boxes: readonly OpenedBox[],
  places: readonly SecretPlace[],
  own: OwnSecrets,
  ports: Omit<ManagerPorts, 'credential'>,
  signal: AbortSignal,
): Promise<AttemptSecrets> {
  const failures: { ref: string; fault: Fault }[] = []
  const loans: Loans[] = []
  const tested: Record<string, TestedManager> = {}
  const opened: AttemptSecrets = { secrets: {}, files: {}, failures, loans, tested }
  for (const { ref, form, value } of boxes) {
    if (form === 'file') opened.files[ref] = value
    else opened.secrets[ref] = value
  }
  const credential = (reference: string): string => {
    const text = opened.secrets[reference] ?? fileText(opened.files[reference])
    if (text !== undefined) return text
    throw new Fault('secret-unresolved', `The secret ${reference}, which opens a secret manager, could not be opened.`)
  }
  const managers = new Map<string, Promise<SecretManager>>()
  const managerOf = (place: SecretPlace): Promise<SecretManager> => {
    const found = managers.get(place.manager.name) ?? openManager(place.manager, own, { ...ports, credential })
    managers.set(place.manager.name, found)
    return found
  }
  // Those of the delegate itself first: they may hold what opens the others.
  const ordered = places.toSorted((one, other) => rank(one) - rank(other))
  for (const place of ordered) {
    try {
      const manager = await managerOf(place)
      if (manager.loans && !loans.includes(manager.loans)) loans.push(manager.loans)
      if (!place.test) put(opened, place.ref, await manager.read(place.path, signal))
      else if (manager.test) tested[place.ref] = { detail: await manager.test(signal) }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof Fault)) throw error
      if (place.test) tested[place.ref] = { fault: toFaultRecord(error) }
      else failures.push({ ref: place.ref, fault: error })
    }
  }
  return opened
}

const rank = ({ manager }: SecretPlace): number => (delegateManagers.test(manager.type) ? 0 : 1)

const fileText = (base64: string | undefined): string | undefined =>
  base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8')
