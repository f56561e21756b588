// Finds a user by e-mail address or by id, as clients of the platform services name them.
import { missing } from '../entity/scope.ts'
import type { Executor } from '../store/port.ts'

export async function findUser(
  db: Executor,
  named: string,
): Promise<{ readonly id: string; readonly email: string; readonly name: string }> {
  const byId = /^\d{1,18}$/.test(named)
  const row = await db
    .selectFrom('user_account')
    .where(byId ? 'id' : 'email', '=', byId ? named : named.trim().toLowerCase())
    .select(['id', 'email', 'name'])
    .executeTakeFirst()
  if (!row) throw missing('User', named)
  return row
}
