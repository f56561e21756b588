// Where the secrets of a step come from. Each source answers for the references that it knows.
import { Fault } from '#contract/fault'

export interface SecretRequest {
  readonly attempt: string
  readonly fence: string
  /** Boxes that came with the attempt. */
  readonly sealed: readonly { readonly ref: string; readonly box: string }[]
}

export interface SecretSource {
  /** The value; undefined when this source does not know the reference. */
  resolve(reference: string, request: SecretRequest, signal: AbortSignal): Promise<string | undefined>
}

/** Asks the sources in order. Raises Fault `secret-unresolved` that names what none of them knows. */
export async function resolveSecrets(
  references: readonly string[],
  sources: readonly SecretSource[],
  request: SecretRequest,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const reference of references) {
    for (const source of sources) {
      const value = await source.resolve(reference, request, signal)
      if (value === undefined) continue
      values[reference] = value
      break
    }
    if (!Object.hasOwn(values, reference))
      throw new Fault('secret-unresolved', `No source of secrets knows ${reference}.`)
  }
  return values
}
