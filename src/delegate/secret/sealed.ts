// Secrets of the manager's built-in store: they arrive sealed to this delegate, for this attempt and fence.
import { openBox } from '#contract/delegate/seal'
import type { SecretSource } from './source.ts'

/** `privateKeys` is asked each time: keys are replaced while the delegate works. */
export function createSealedSource(privateKeys: () => readonly string[]): SecretSource {
  return {
    async resolve(ref, { attempt, fence, sealed }) {
      const found = sealed.find((one) => one.ref === ref)
      if (!found) return undefined
      let failure: unknown
      for (const key of privateKeys()) {
        try {
          return openBox(key, found.box, { attempt, fence, ref })
        } catch (error) {
          // It may be sealed to another key of ours; what the present one says counts.
          failure ??= error
        }
      }
      throw failure
    },
  }
}
