// Users of the built-in directory. Passwords only as hashes; at least one administrator always stays.
import { sql } from 'kysely'
import type { userOutSchema } from '#contract/api/identity'
import { Fault } from '#contract/fault'
import type { Role } from '#contract/permission'
import type { z } from 'zod'
import { grantsOfStarter } from '../access/assignment.ts'
import { refuseMoreThanOwn } from '../access/escalate.ts'
import { refuseLonger } from '../access/key-end.ts'
import { accountGrant } from '../access/grant.ts'
import { createUnique, milliseconds, recordEntity } from '../entity/change.ts'
import { readPage } from '../entity/list.ts'
import { missing } from '../entity/scope.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import type { Executor, Store, StoreTransaction } from '../store/port.ts'
import type { PasswordHasher } from './password.ts'

const columns = ['id', 'email', 'name', 'role', 'created_at'] as const
interface Row {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: string
  readonly created_at: Date
}
type UserOut = z.output<typeof userOutSchema>

const show = (row: Row): UserOut => ({
  email: row.email,
  name: row.name,
  role: row.role as Role,
  createdAt: milliseconds(row.created_at),
})

/** Addresses are kept and compared in lower case: mail hosts do the same, and nobody must be able to look like another. */
export const normalEmail = (email: string): string => email.trim().toLowerCase()

async function read(db: Executor, email: string): Promise<Row> {
  const row = await db.selectFrom('user_account').where('email', '=', email).select(columns).executeTakeFirst()
  if (!row) throw missing('User', email)
  return row
}

/** Locks the administrators, so that two of them cannot remove each other at the same time. */
async function keepOneAdministrator(tx: StoreTransaction, user: Row): Promise<void> {
  if (user.role !== 'admin') return
  const admins = await tx.selectFrom('user_account').where('role', '=', 'admin').select('id').forUpdate().execute()
  if (admins.length > 1) return
  throw new Fault('conflict', `${user.email} is the only administrator.`, { hint: 'Make another user admin first.' })
}

export async function insertUser(
  tx: StoreTransaction,
  user: { readonly email: string; readonly name: string; readonly role: Role; readonly passwordHash: string },
): Promise<Row> {
  const { email, name, role, passwordHash } = user
  return createUnique('User', email, () =>
    tx
      .insertInto('user_account')
      .values({ email, name, role, password_hash: passwordHash })
      .returning(columns)
      .executeTakeFirstOrThrow(),
  )
}

/** Whoever sets a password can sign in with it, and so has what its user has. */
async function refuseTakingOver(tx: StoreTransaction, caller: Caller, user: Row): Promise<void> {
  const theirs = await grantsOfStarter(tx, { userId: user.id, serviceAccountId: null })
  refuseMoreThanOwn(caller, theirs, `The password of ${user.email}`)
  refuseLonger(caller, null)
}

type Names = 'listUsers' | 'createUser' | 'updateUser' | 'deleteUser'

export function userHandlers(store: Store, passwords: PasswordHasher): ApiHandlers<Names> {
  return {
    listUsers: ({ query }) => {
      const sortColumns = {
        id: 'user_account.id',
        identifier: 'user_account.email',
        name: 'user_account.name',
        created: 'user_account.created_at',
        updated: 'user_account.created_at',
      }
      return readPage(store.db.selectFrom('user_account'), query, sortColumns, (from) => from.select(columns), show)
    },

    createUser: async ({ body, caller }) => {
      refuseMoreThanOwn(caller, [accountGrant(body.role)], 'The role')
      refuseLonger(caller, null)
      // Outside of the transaction: it takes almost half a second.
      const passwordHash = await passwords.hash(body.password)
      const email = normalEmail(body.email)
      return store.transaction(async (tx) => {
        const row = await insertUser(tx, { email, name: body.name, role: body.role, passwordHash })
        await recordEntity(tx, caller, { kind: 'user', identifier: email, after: show(row) })
        return show(row)
      })
    },

    updateUser: async ({ params, body, caller }) => {
      const email = normalEmail(params.email)
      const passwordHash = body.password === undefined ? undefined : await passwords.hash(body.password)
      return store.transaction(async (tx) => {
        const before = await read(tx, email)
        const { name = before.name, role = before.role } = body
        if (role !== before.role) refuseMoreThanOwn(caller, [accountGrant(role as Role)], 'The role')
        if (passwordHash !== undefined) await refuseTakingOver(tx, caller, before)
        if (role !== 'admin') await keepOneAdministrator(tx, before)
        const row = await tx
          .updateTable('user_account')
          .set({ name, role })
          .$if(passwordHash !== undefined, (update) =>
            update.set({ password_hash: passwordHash ?? '', failed_sign_ins: 0, locked_until: null }),
          )
          .where('id', '=', before.id)
          .returning(columns)
          .executeTakeFirstOrThrow()
        // Whoever has the old password or an old session must not stay in.
        if (passwordHash !== undefined) await tx.deleteFrom('user_session').where('user_id', '=', before.id).execute()
        const after = { ...show(row), passwordReplaced: passwordHash !== undefined }
        await recordEntity(tx, caller, { kind: 'user', identifier: email, before: show(before), after })
        return show(row)
      })
    },

    deleteUser: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const email = normalEmail(params.email)
        const before = await read(tx, email)
        await keepOneAdministrator(tx, before)
        await tx.deleteFrom('user_account').where('id', '=', before.id).execute()
        await recordEntity(tx, caller, { kind: 'user', identifier: email, before: show(before) })
        return null
      }),
  }
}

/** True when somebody could sign in. */
export async function hasUsers(db: Executor): Promise<boolean> {
  const row = await db.selectFrom('user_account').select(sql`1`.as('one')).limit(1).executeTakeFirst()
  return row !== undefined
}
