// Reads a secret that the manager itself needs: what deliveries are proved with, and the token for the API of a Git host.
import { Fault } from '#contract/fault'
import { parseReference } from '../entity/reference.ts'
import { findProjectOwners, ownedBy } from '../entity/scope.ts'
import { openEnvelope, type RootKeys } from '../secret/envelope.ts'
import { placeOf } from '../secret/place.ts'
import type { Executor } from '../store/port.ts'

/** Raises `secret-unresolved` for a secret that is not there, or that only a delegate can read. */
export async function readOwnSecret(
  db: Executor,
  keys: RootKeys,
  projectId: string,
  reference: string,
): Promise<string> {
  const { scope, identifier } = parseReference(reference)
  const owner = (await findProjectOwners(db, projectId))[scope]
  const row = await db
    .selectFrom('secret')
    .where(ownedBy('secret', owner))
    .where('identifier', '=', identifier)
    .select(['project_id', 'organization_id', 'identifier', 'type', 'ciphertext'])
    .executeTakeFirst()
  if (!row) throw new Fault('secret-unresolved', `There is no secret ${reference}.`)
  if (row.ciphertext === null || row.type !== 'SecretText')
    throw new Fault('secret-unresolved', `The secret ${reference} is no text of the built-in store.`, {
      hint: 'The manager reads only those; what is in other secret managers only delegates reach.',
    })
  return openEnvelope(keys, row.ciphertext, placeOf(row)).toString('utf8')
}
