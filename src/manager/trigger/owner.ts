// Whose rights a run that nobody started has: those of who saved its trigger last, as they are now.
import { sql } from 'kysely'
import { grantsOfStarter } from '../access/assignment.ts'
import { anywhere, mayDo } from '#contract/grant'
import type { Caller } from '../http/handler.ts'
import type { Executor } from '../store/port.ts'
import type { TriggerRow } from './row.ts'

/** The owner as a caller, or why nothing may start. */
export async function ownerOf(
  db: Executor,
  trigger: TriggerRow,
  sourceAddress: string,
): Promise<{ readonly caller: Caller } | { readonly because: string }> {
  const { user_id: userId, service_account_id: serviceAccountId, owner_name: name, org, project, pipeline } = trigger
  const principal = await principalOf(db, userId, serviceAccountId)
  if (!principal) return { because: `${name}, whose rights its runs had, is no more. Save the trigger again.` }
  const grants = await grantsOfStarter(db, { userId, serviceAccountId })
  if (!mayDo(grants, 'pipeline.execute', { org, project, identifier: pipeline }))
    return {
      because: `${principal.email}, who owns the trigger, has not the permission pipeline.execute for ${pipeline}.`,
    }
  return {
    caller: {
      actor: { type: 'system', name: `trigger ${trigger.identifier} of ${pipeline}`.slice(0, 256) },
      grants,
      permissions: anywhere(grants),
      principal,
      user: undefined,
      session: undefined,
      delegate: undefined,
      attempt: undefined,
      sourceAddress,
    },
  }
}

async function principalOf(
  db: Executor,
  userId: string | null,
  serviceAccountId: string | null,
): Promise<Caller['principal']> {
  if (userId !== null) {
    const columns = ['id', 'email', 'name'] as const
    const row = await db.selectFrom('user_account').where('id', '=', userId).select(columns).executeTakeFirst()
    return row && { kind: 'user', ...row }
  }
  if (serviceAccountId === null) return undefined
  const row = await db
    .selectFrom('scoped_entity')
    .where('id', '=', serviceAccountId)
    .select(['id', 'name', sql<string>`body ->> 'email'`.as('email')])
    .executeTakeFirst()
  return row && { kind: 'service-account', ...row }
}
