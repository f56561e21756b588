// What a new installation needs before anybody can sign in: the account, and a first user. For the composition root.
import { randomBytes } from 'node:crypto'
import { Fault } from '#contract/fault'
import type { Role } from '#contract/permission'
import type { RandomBytes } from '../access/token.ts'
import { recordEvent, systemActor } from '../audit/record.ts'
import type { Executor, Store, StoreTransaction } from '../store/port.ts'
import type { PasswordHasher } from './password.ts'
import { insertUser, normalEmail } from './user.ts'

/** 24 characters that can be read aloud and typed: 120 bits. */
export function randomPassword(random: RandomBytes = randomBytes): string {
  // 32 letters and digits without those that look alike.
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  return Array.from(random(24), (byte) => alphabet[byte % 32]).join('')
}

/** Id of this installation: the second part of every API key. */
export async function readAccount(db: Executor): Promise<string> {
  const { id } = await db.selectFrom('account').select('id').executeTakeFirstOrThrow()
  return id
}

export interface FirstUser {
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly password: string
}

/** Creates the user unless the address is taken; one that is there keeps name, role and password. True: created. */
export async function ensureUser(store: Store, passwords: PasswordHasher, user: FirstUser): Promise<boolean> {
  const email = normalEmail(user.email)
  const taken = await store.db.selectFrom('user_account').where('email', '=', email).select('id').executeTakeFirst()
  if (taken) return false
  const passwordHash = await passwords.hash(user.password)
  try {
    await store.transaction((tx) => createFirstUser(tx, { ...user, email }, passwordHash))
    return true
  } catch (error) {
    // Another replica was faster.
    if (error instanceof Fault && error.code === 'already-exists') return false
    throw error
  }
}

async function createFirstUser(tx: StoreTransaction, user: FirstUser, passwordHash: string): Promise<void> {
  const { email, name, role } = user
  await insertUser(tx, { email, name, role, passwordHash })
  await recordEvent(tx, {
    actor: systemActor,
    body: { type: 'entity.created', kind: 'user', identifier: email, after: { email, name, role } },
  })
}
