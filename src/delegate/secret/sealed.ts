// Secrets of the manager's built-in store: they arrive sealed to this delegate, for this attempt and fence.
import { openBox } from '#contract/delegate/seal'
import type { SecretSource } from './source.ts'

export function createSealedSource(privateKey: string): SecretSource {
  return {
    async resolve(ref, { attempt, fence, sealed }) {
      const found = sealed.find((one) => one.ref === ref)
      return found && openBox(privateKey, found.box, { attempt, fence, ref })
    },
  }
}
