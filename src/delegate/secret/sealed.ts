// Secrets of the manager's built-in store: they arrive sealed to this delegate, for this attempt and fence.
import { openBox, type SealBinding } from '#contract/delegate/seal'

/** Opens with the first of the keys that fits: keys are replaced while the delegate works. Raises `secret-unresolved`. */
export function openSealed(privateKeys: readonly string[], box: string, binding: SealBinding): string {
  let failure: unknown
  for (const key of privateKeys) {
    try {
      return openBox(key, box, binding)
    } catch (error) {
      // It may be sealed to another key of ours; what the present one says counts.
      failure ??= error
    }
  }
  throw failure
}
