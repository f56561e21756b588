// Opens the secrets that a step refers to and seals each to its delegate, bound to attempt and fence.
import { sealBox } from '#contract/delegate/seal'
import { Fault } from '#contract/fault'
import type { SealSecrets } from '../work/port.ts'
import { openEnvelope } from './envelope.ts'

function refuseOtherScopes(references: readonly string[]): void {
  const other = references.find((reference) => reference.includes('.'))
  if (other === undefined) return
  throw new Fault(
    'secret-unresolved',
    `The secret ${other} cannot be read: only secrets of the project are offered yet.`,
    {
      hint: `Create the secret in the project and refer to it as ${other.slice(other.indexOf('.') + 1)}.`,
    },
  )
}

/** What the work queue needs when a delegate accepts an attempt. Each plain reference is looked up in the attempt's project. */
export function createSealSecrets(rootKey: Uint8Array): SealSecrets {
  return async (tx, { attempt, references, sealingKey }) => {
    refuseOtherScopes(references)
    if (references.length === 0) return []
    const rows = await tx
      .selectFrom('secret')
      .where('project_id', '=', attempt.projectId)
      .where('identifier', 'in', references)
      .select(['identifier', 'ciphertext'])
      .execute()
    const envelopes = new Map(rows.map(({ identifier, ciphertext }) => [identifier, ciphertext]))
    const absent = references.filter((reference) => !envelopes.has(reference))
    if (absent.length > 0)
      throw new Fault('secret-unresolved', `The project has no secret ${absent.join(', ')}, which the step refers to.`)
    return [...envelopes].map(([ref, ciphertext]) => {
      const value = openEnvelope(rootKey, ciphertext, { projectId: attempt.projectId, identifier: ref })
      return { ref, box: sealBox(sealingKey, value, { attempt: attempt.id, fence: attempt.fence, ref }) }
    })
  }
}
