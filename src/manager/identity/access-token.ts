// API keys and their tokens: values are shown once and kept as hashes; they end, are revoked and are rotated.
import { sql } from 'kysely'
import type { z } from 'zod'
import type {
  accessKeyAggregateSchema,
  accessKeyInSchema,
  accessTokenAggregateSchema,
  accessTokenInSchema,
  accessTokenOutSchema,
} from '#contract/api/access-token'
import { identifiersOf, listQueryOf } from '#contract/platform'
import { endUnder, refuseLonger } from '../access/key-end.ts'
import { createToken, hashToken, type RandomBytes } from '../access/token.ts'
import { createUnique, invalidField, milliseconds, recordEntity, shownTimes } from '../entity/change.ts'
import { columnsOf, readPage } from '../entity/list.ts'
import { missing } from '../entity/scope.ts'
import { shownPlace } from '../entity/scoped-place.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import type { Executor, Store, StoreTransaction } from '../store/port.ts'
import { findOwner, type Owner, refuseMore } from './access-owner.ts'

type KeyOut = z.output<typeof accessKeyAggregateSchema>
type KeyIn = z.output<typeof accessKeyInSchema>
type TokenIn = z.output<typeof accessTokenInSchema>
type TokenOut = z.output<typeof accessTokenOutSchema>
type TokenAggregate = z.output<typeof accessTokenAggregateSchema>

const keyColumns = [
  'access_key.id',
  'access_key.identifier',
  'access_key.name',
  'access_key.description',
  'access_key.tags',
  'access_key.default_expiry_milliseconds',
  'access_key.created_at',
  'access_key.updated_at',
] as const
const tokenColumns = [
  'access_token.id',
  'access_token.identifier',
  'access_token.name',
  'access_token.description',
  'access_token.tags',
  'access_token.valid_from',
  'access_token.valid_to',
  'access_token.last_used_at',
  'access_token.created_at',
  'access_token.updated_at',
] as const
const isValid = sql<boolean>`valid_from <= now() and (valid_to is null or valid_to > now())`.as('valid')
const tokenCount = sql<string>`(select count(*) from access_token where key_id = access_key.id)`.as('tokens')

interface KeyRow {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly description: string
  readonly tags: unknown
  readonly default_expiry_milliseconds: string | null
  readonly created_at: Date
  readonly updated_at: Date
  readonly tokens: string
}
interface TokenRow extends Omit<KeyRow, 'default_expiry_milliseconds' | 'tokens'> {
  readonly valid_from: Date
  readonly valid_to: Date | null
  readonly last_used_at: Date | null
  readonly valid: boolean
}

const shownNamed = (
  account: string,
  owner: Owner,
  row: Pick<KeyRow, 'identifier' | 'name' | 'description' | 'tags'>,
) => ({
  identifier: row.identifier,
  name: row.name,
  description: row.description,
  tags: row.tags as Record<string, string>,
  apiKeyType: owner.type,
  parentIdentifier: owner.parent,
  ...shownPlace(account, owner.place),
})

const showKey = (account: string, owner: Owner, row: KeyRow): KeyOut => ({
  apiKey: {
    ...shownNamed(account, owner, row),
    ...(row.default_expiry_milliseconds === null
      ? {}
      : { defaultTimeToExpireToken: Number(row.default_expiry_milliseconds) }),
  },
  ...shownTimes(row),
  tokensCount: Number(row.tokens),
})

function showToken(account: string, owner: Owner, key: string, row: TokenRow): TokenAggregate {
  const end = row.valid_to === null ? {} : { validTo: milliseconds(row.valid_to) }
  const token: TokenOut = {
    ...shownNamed(account, owner, row),
    apiKeyIdentifier: key,
    validFrom: milliseconds(row.valid_from),
    ...end,
    valid: row.valid,
    email: owner.email,
    username: owner.name,
  }
  return {
    token,
    ...(row.valid_to === null ? {} : { expiryAt: milliseconds(row.valid_to) }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: milliseconds(row.last_used_at) }),
    ...shownTimes(row),
  }
}

const keysOf = (db: Executor, owner: Owner) =>
  db
    .selectFrom('access_key')
    .where(sql<boolean>`user_id is not distinct from ${owner.userId}`)
    .where(sql<boolean>`service_account_id is not distinct from ${owner.serviceAccountId}`)

async function readKey(db: Executor, owner: Owner, identifier: string): Promise<KeyRow> {
  const row = await keysOf(db, owner)
    .where('identifier', '=', identifier)
    .select(keyColumns)
    .select(tokenCount)
    .executeTakeFirst()
  if (!row) throw missing('API key', identifier)
  return row
}

async function readToken(db: Executor, key: KeyRow, identifier: string): Promise<TokenRow> {
  const row = await db
    .selectFrom('access_token')
    .where('key_id', '=', key.id)
    .where('identifier', '=', identifier)
    .select(tokenColumns)
    .select(isValid)
    .executeTakeFirst()
  if (!row) throw missing('Token', identifier)
  return row
}

const namedValues = ({ name, description, tags }: Pick<KeyIn, 'name' | 'description' | 'tags'>) => ({
  name,
  description: description ?? '',
  tags: JSON.stringify(tags ?? {}),
})

/** When a token begins and ends. A token that has ended before it begins, or already, is a slip of the pen. */
function validityOf(key: KeyRow, body: TokenIn, now: number, caller: Caller) {
  const from = body.validFrom ?? now
  const defaultTime = key.default_expiry_milliseconds
  const to = body.validTo ?? (defaultTime === null ? null : from + Number(defaultTime))
  if (to !== null && (to <= from || to <= now))
    throw invalidField('validTo', 'Must be in the future and after validFrom. Give epoch milliseconds.')
  // What nobody said is no wish to live longer than the key of the call.
  const said = body.validTo === undefined || body.validTo === null ? undefined : new Date(body.validTo)
  const most = endUnder(caller, said)
  const end = to === null ? most : new Date(most === null ? to : Math.min(to, most.getTime()))
  return { valid_from: new Date(from), valid_to: end }
}

async function storeTime(db: Executor): Promise<number> {
  const { rows } = await sql<{ now: Date }>`select now() as now`.execute(db)
  return rows[0]?.now.getTime() ?? 0
}

export interface AccessTokenOptions {
  readonly store: Store
  readonly account: string
  readonly random: RandomBytes
}
type KeyNames = 'listAccessKeys' | 'createAccessKey' | 'getAccessKey' | 'updateAccessKey' | 'deleteAccessKey'
type TokenNames =
  | 'listAccessTokens'
  | 'createAccessToken'
  | 'updateAccessToken'
  | 'rotateAccessToken'
  | 'deleteAccessToken'

const eventOf = (owner: Owner, kind: 'api-key' | 'token', identifier: string) => ({
  kind,
  identifier: `${owner.email}/${identifier}`,
  ...(owner.place.projectId === null ? {} : { projectId: owner.place.projectId }),
})

export function accessKeyHandlers({ store, account }: AccessTokenOptions): ApiHandlers<KeyNames> {
  return {
    listAccessKeys: async ({ query, caller }) => {
      const owner = await findOwner(store.db, caller, query)
      const identifiers = identifiersOf(query)
      const from = keysOf(store.db, owner).$if(identifiers !== undefined, (rows) =>
        rows.where('identifier', 'in', identifiers ?? []),
      )
      return readPage(
        from,
        listQueryOf(query),
        columnsOf('access_key'),
        (rows) => rows.select(keyColumns).select(tokenCount),
        (row) => showKey(account, owner, row),
      )
    },

    createAccessKey: ({ query, body, caller }) =>
      store.transaction(async (tx) => {
        const owner = await findOwner(tx, caller, body, query)
        const { identifier } = body
        await createUnique('API key', identifier, () =>
          tx
            .insertInto('access_key')
            .values({
              user_id: owner.userId,
              service_account_id: owner.serviceAccountId,
              identifier,
              ...namedValues(body),
              default_expiry_milliseconds: body.defaultTimeToExpireToken ?? null,
            })
            .execute(),
        )
        const after = showKey(account, owner, await readKey(tx, owner, identifier)).apiKey
        await recordEntity(tx, caller, { ...eventOf(owner, 'api-key', identifier), after })
        return after
      }),

    getAccessKey: async ({ params, query, caller }) => {
      const owner = await findOwner(store.db, caller, query)
      return showKey(account, owner, await readKey(store.db, owner, params.identifier))
    },

    updateAccessKey: ({ query, body, caller }) =>
      store.transaction(async (tx) => {
        const owner = await findOwner(tx, caller, body, query)
        const row = await readKey(tx, owner, body.identifier)
        await tx
          .updateTable('access_key')
          .set({
            ...namedValues(body),
            default_expiry_milliseconds: body.defaultTimeToExpireToken ?? null,
            updated_at: sql`now()`,
          })
          .where('id', '=', row.id)
          .execute()
        const before = showKey(account, owner, row).apiKey
        const after = showKey(account, owner, await readKey(tx, owner, body.identifier)).apiKey
        await recordEntity(tx, caller, { ...eventOf(owner, 'api-key', body.identifier), before, after })
        return after
      }),

    deleteAccessKey: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        const owner = await findOwner(tx, caller, query)
        const row = await readKey(tx, owner, params.identifier)
        await tx.deleteFrom('access_key').where('id', '=', row.id).execute()
        const before = showKey(account, owner, row).apiKey
        await recordEntity(tx, caller, { ...eventOf(owner, 'api-key', params.identifier), before })
        return true as const
      }),
  }
}

export function accessTokenHandlers({ store, account, random }: AccessTokenOptions): ApiHandlers<TokenNames> {
  const valueOf = (owner: Owner, identifier: string) =>
    `${owner.type === 'USER' ? 'pat' : 'sat'}.${account}.${identifier}.${createToken(random)}`
  const record = async (
    tx: StoreTransaction,
    caller: Caller,
    owner: Owner,
    key: string,
    change: { before?: TokenOut; after?: object },
  ) => {
    const identifier = (change.before ?? (change.after as TokenOut)).identifier
    await recordEntity(tx, caller, { ...eventOf(owner, 'token', `${key}/${identifier}`), ...change })
  }
  return {
    listAccessTokens: async ({ query, caller }) => {
      const owner = await findOwner(store.db, caller, query)
      const key = await readKey(store.db, owner, query.apiKeyIdentifier)
      const identifiers = identifiersOf(query)
      const from = store.db
        .selectFrom('access_token')
        .where('key_id', '=', key.id)
        .$if(identifiers !== undefined, (rows) => rows.where('identifier', 'in', identifiers ?? []))
      return readPage(
        from,
        listQueryOf(query),
        columnsOf('access_token'),
        (rows) => rows.select(tokenColumns).select(isValid),
        (row) => showToken(account, owner, key.identifier, row),
      )
    },

    createAccessToken: ({ query, body, caller }) =>
      store.transaction(async (tx) => {
        const owner = await findOwner(tx, caller, body, query)
        await refuseMore(tx, caller, owner)
        const key = await readKey(tx, owner, body.apiKeyIdentifier)
        const { identifier } = body
        const value = valueOf(owner, identifier)
        const validity = validityOf(key, body, await storeTime(tx), caller)
        await createUnique('Token', identifier, () =>
          tx
            .insertInto('access_token')
            .values({
              key_id: key.id,
              identifier,
              ...namedValues(body),
              token_hash: hashToken(value),
              ...validity,
            })
            .execute(),
        )
        const after = showToken(account, owner, key.identifier, await readToken(tx, key, identifier)).token
        await record(tx, caller, owner, key.identifier, { after })
        return value
      }),

    updateAccessToken: ({ params, query, body, caller }) =>
      store.transaction(async (tx) => {
        const owner = await findOwner(tx, caller, body, query)
        await refuseMore(tx, caller, owner)
        const key = await readKey(tx, owner, body.apiKeyIdentifier)
        const row = await readToken(tx, key, params.identifier)
        const validFrom = body.validFrom ?? row.valid_from.getTime()
        const validity = validityOf(key, { ...body, validFrom }, await storeTime(tx), caller)
        await tx
          .updateTable('access_token')
          .set({ ...namedValues(body), ...validity, updated_at: sql`now()` })
          .where('id', '=', row.id)
          .execute()
        const before = showToken(account, owner, key.identifier, row).token
        const after = showToken(account, owner, key.identifier, await readToken(tx, key, params.identifier)).token
        await record(tx, caller, owner, key.identifier, { before, after })
        return after
      }),

    rotateAccessToken: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        const owner = await findOwner(tx, caller, query)
        await refuseMore(tx, caller, owner)
        const key = await readKey(tx, owner, query.apiKeyIdentifier)
        const row = await readToken(tx, key, params.identifier)
        refuseLonger(caller, row.valid_to)
        const value = valueOf(owner, row.identifier)
        const until = query.rotateTimestamp === undefined ? null : new Date(query.rotateTimestamp)
        await tx
          .updateTable('access_token')
          .set({
            previous_hash: until === null ? null : sql`token_hash`,
            previous_until: until,
            token_hash: hashToken(value),
            updated_at: sql`now()`,
          })
          .where('id', '=', row.id)
          .execute()
        const before = showToken(account, owner, key.identifier, row).token
        await record(tx, caller, owner, key.identifier, { before, after: { ...before, rotated: true } })
        return value
      }),

    deleteAccessToken: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        const owner = await findOwner(tx, caller, query)
        const key = await readKey(tx, owner, query.apiKeyIdentifier)
        const row = await readToken(tx, key, params.identifier)
        await tx.deleteFrom('access_token').where('id', '=', row.id).execute()
        const before = showToken(account, owner, key.identifier, row).token
        await record(tx, caller, owner, key.identifier, { before })
        return true as const
      }),
  }
}
