// Whose key or token a call is about, and whether the caller may: one's own, or those of a service account that one may edit.
import { sql } from 'kysely'
import { Fault } from '#contract/fault'
import { refuseMoreByUse } from '../access/escalate.ts'
import { mayDo } from '#contract/grant'
import { readScoped } from '../entity/scoped-entity.ts'
import { findPlace, type ScopedPlace } from '../entity/scoped-place.ts'
import type { Caller } from '../http/handler.ts'
import type { Executor, StoreTransaction } from '../store/port.ts'
import { findUser } from './find-user.ts'

export interface Owner {
  readonly type: 'USER' | 'SERVICE_ACCOUNT'
  readonly userId: string | null
  readonly serviceAccountId: string | null
  readonly place: ScopedPlace
  /** As answers name it. */
  readonly parent: string
  readonly email: string
  readonly name: string
}
interface OwnerKeys {
  readonly apiKeyType: 'USER' | 'SERVICE_ACCOUNT'
  readonly parentIdentifier: string
  readonly orgIdentifier?: string | null | undefined
  readonly projectIdentifier?: string | null | undefined
}

const account = { organizationId: null, projectId: null, org: undefined, project: undefined }

/** Raises `forbidden` for keys of somebody else, `not-found` when the owner does not exist. */
export async function findOwner(
  db: Executor,
  caller: Caller,
  keys: OwnerKeys,
  query: Pick<OwnerKeys, 'orgIdentifier' | 'projectIdentifier'> = {},
): Promise<Owner> {
  if (keys.apiKeyType === 'USER') {
    const own = caller.user
    const wanted = keys.parentIdentifier.toLowerCase()
    if (!own || (wanted !== own.id && wanted !== own.email))
      throw new Fault('forbidden', 'API keys of a user are made by the user; this is somebody else.')
    const { id, email, name } = await findUser(db, own.id)
    return { type: 'USER', userId: id, serviceAccountId: null, place: account, parent: email, email, name }
  }
  const place = await findPlace(db, query, keys)
  const { org, project } = place
  if (!mayDo(caller.grants, 'service-account.edit', { org, project, identifier: keys.parentIdentifier }))
    throw new Fault('forbidden', 'The permission service-account.edit is missing.')
  const kind = { kind: 'service-account', title: 'Service account' } as const
  const row = await readScoped(db, kind, place, keys.parentIdentifier)
  const { email } = row.body as { email: string }
  const parent = row.identifier
  return { type: 'SERVICE_ACCOUNT', userId: null, serviceAccountId: row.id, place, parent, email, name: row.name }
}

/** Whoever makes a token of a service account acts as it: only with rights that one has already. */
export async function refuseMore(tx: StoreTransaction, caller: Caller, owner: Owner): Promise<void> {
  if (owner.serviceAccountId === null) return
  await refuseMoreByUse(tx, caller, sql`assignment.service_account_id = ${owner.serviceAccountId}`, 'The token')
}
