// Where a row of the secret store belongs, as its ciphertext is bound to it.
import type { SecretPlace } from './envelope.ts'

export function placeOf(row: {
  readonly project_id: string | null
  readonly organization_id: string | null
  readonly identifier: string
}): SecretPlace {
  const organization = row.organization_id === null ? 'account' : `organization:${row.organization_id}`
  return { owner: row.project_id ?? organization, identifier: row.identifier }
}
