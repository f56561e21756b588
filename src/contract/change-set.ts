// A change set as the programs name it to each other: identity, states and what is known of it on one instance.
import type { z } from 'zod'
import type {
  changeSetDeploymentStatusSchema,
  changeSetIdentitySchema,
  changeSetOnInstanceSchema,
  planPayloadSchema,
  plannedChangeSetSchema,
} from './change-set-schema.ts'

export type ChangeSetIdentity = z.infer<typeof changeSetIdentitySchema>
export type ChangeSetDeploymentStatus = z.infer<typeof changeSetDeploymentStatusSchema>
export type ChangeSetOnInstance = z.infer<typeof changeSetOnInstanceSchema>
export type PlannedChangeSet = z.infer<typeof plannedChangeSetSchema>
export type PlanPayload = z.infer<typeof planPayloadSchema>

export function changeSetFqn(identity: ChangeSetIdentity): string {
  return `${identity.fileName}::${identity.id}::${identity.author}`
}

/** What a digest of a plan is made of: the text of each change set, one after the other. */
export function planDigestText(
  changeSet: Pick<PlannedChangeSet, 'fileName' | 'id' | 'author' | 'direction'> & { statements: readonly string[] },
): string {
  const { fileName, id, author, direction, statements } = changeSet
  return JSON.stringify([fileName, id, author, direction, statements])
}
