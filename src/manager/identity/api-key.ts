// API keys of the caller: `pat.<account>.<identifier>.<secret>`, shown once, kept as a hash, with or without an end.
import { sql } from 'kysely'
import type { z } from 'zod'
import type { apiKeyOutSchema } from '#contract/api/identity'
import { Fault } from '#contract/fault'
import { endUnder } from '../access/key-end.ts'
import { createToken, hashToken, type RandomBytes } from '../access/token.ts'
import { createUnique, invalidField, milliseconds, recordEntity } from '../entity/change.ts'
import { readPage } from '../entity/list.ts'
import { missing } from '../entity/scope.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'

const columns = ['id', 'identifier', 'name', 'created_at', 'expires_at', 'last_used_at'] as const
interface Row {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly last_used_at: Date | null
}
type ApiKeyOut = z.output<typeof apiKeyOutSchema>

const show = (owner: string, row: Row): ApiKeyOut => ({
  identifier: row.identifier,
  name: row.name,
  owner,
  createdAt: milliseconds(row.created_at),
  expiresAt: row.expires_at && milliseconds(row.expires_at),
  lastUsedAt: row.last_used_at && milliseconds(row.last_used_at),
})

function userOf(caller: Caller): NonNullable<Caller['user']> {
  if (!caller.user) throw new Fault('forbidden', 'Only a user has API keys.')
  return caller.user
}

async function read(db: Executor, userId: string, identifier: string): Promise<Row> {
  const row = await db
    .selectFrom('api_key')
    .where('user_id', '=', userId)
    .where('identifier', '=', identifier)
    .select(columns)
    .executeTakeFirst()
  if (!row) throw missing('API key', identifier)
  return row
}

/** `now`: epoch milliseconds of the store. A key that is dead from the start is a slip of the pen. */
async function endOf(db: Executor, expiresAt: number | null | undefined): Promise<Date | null | undefined> {
  if (expiresAt === null || expiresAt === undefined) return expiresAt
  const end = new Date(expiresAt)
  const { rows } = await sql<{ future: boolean }>`select ${end}::timestamptz > now() as future`.execute(db)
  if (rows[0]?.future !== true) throw invalidField('expiresAt', 'Is in the past. Give epoch milliseconds.')
  return end
}

type Names = 'listApiKeys' | 'createApiKey' | 'getApiKey' | 'updateApiKey' | 'deleteApiKey'

export function apiKeyHandlers(store: Store, account: string, random: RandomBytes): ApiHandlers<Names> {
  return {
    listApiKeys: ({ query, caller }) => {
      const user = userOf(caller)
      const sortColumns = {
        id: 'api_key.id',
        identifier: 'api_key.identifier',
        name: 'api_key.name',
        created: 'api_key.created_at',
        updated: 'api_key.created_at',
      }
      return readPage(
        store.db.selectFrom('api_key').where('user_id', '=', user.id),
        query,
        sortColumns,
        (from) => from.select(columns),
        (row) => show(user.email, row),
      )
    },

    createApiKey: ({ body, caller }) =>
      store.transaction(async (tx) => {
        const user = userOf(caller)
        const { identifier, name = identifier } = body
        const value = `pat.${account}.${identifier}.${createToken(random)}`
        const expires_at = endUnder(caller, await endOf(tx, body.expiresAt))
        const row = await createUnique('API key', identifier, () =>
          tx
            .insertInto('api_key')
            .values({ user_id: user.id, identifier, name, token_hash: hashToken(value), expires_at })
            .returning(columns)
            .executeTakeFirstOrThrow(),
        )
        await recordEntity(tx, caller, { kind: 'api-key', identifier, after: show(user.email, row) })
        return { ...show(user.email, row), value }
      }),

    getApiKey: async ({ params, caller }) => {
      const user = userOf(caller)
      return show(user.email, await read(store.db, user.id, params.key))
    },

    updateApiKey: ({ params, body, caller }) =>
      store.transaction(async (tx) => {
        const user = userOf(caller)
        const before = await read(tx, user.id, params.key)
        const wanted = await endOf(tx, body.expiresAt)
        const end = wanted === undefined ? undefined : endUnder(caller, wanted)
        const row = await tx
          .updateTable('api_key')
          .set({ name: body.name ?? before.name, expires_at: end === undefined ? before.expires_at : end })
          .where('id', '=', before.id)
          .returning(columns)
          .executeTakeFirstOrThrow()
        await recordEntity(tx, caller, {
          kind: 'api-key',
          identifier: params.key,
          before: show(user.email, before),
          after: show(user.email, row),
        })
        return show(user.email, row)
      }),

    deleteApiKey: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const user = userOf(caller)
        const before = await read(tx, user.id, params.key)
        await tx.deleteFrom('api_key').where('id', '=', before.id).execute()
        await recordEntity(tx, caller, { kind: 'api-key', identifier: params.key, before: show(user.email, before) })
        return null
      }),
  }
}
