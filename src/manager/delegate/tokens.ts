// Delegate tokens: what lets a delegate join. The value is shown once; revoking one disconnects its delegates at once.
import { sql } from 'kysely'
import type { z } from 'zod'
import type { delegateTokenOutSchema } from '#contract/api/delegate'
import { createToken, hashToken, type RandomBytes } from '../access/token.ts'
import { createUnique, invalidField, milliseconds, recordEntity } from '../entity/change.ts'
import { columnsOf, readPage } from '../entity/list.ts'
import { missing } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import { notify } from '../store/notify.ts'
import type { Executor, StoreTransaction } from '../store/port.ts'
import type { ProtocolDependencies } from './dependency.ts'
import { disconnect } from './disconnect.ts'
import { resolveTokenScope, type ScopeRow, scopeColumns, showScope } from './token-scope.ts'

const newValue = (random: RandomBytes): string => `sdt.${createToken(random)}`
/** Of the dependencies of the protocol, what tokens need. */
export type TokenDependencies = Pick<ProtocolDependencies, 'store' | 'random'>
type DelegateTokenOut = z.output<typeof delegateTokenOutSchema>
type Names =
  | 'listDelegateTokens'
  | 'createDelegateToken'
  | 'getDelegateToken'
  | 'updateDelegateToken'
  | 'rotateDelegateToken'
  | 'deleteDelegateToken'

/** Without the hashes. */
export const tokenColumns = [
  'delegate_token.id',
  'delegate_token.identifier',
  'delegate_token.name',
  'delegate_token.status',
  'delegate_token.created_by',
  'delegate_token.created_at',
  'delegate_token.revoke_after',
  'delegate_token.uses_left',
  ...scopeColumns('delegate_token'),
] as const
export interface TokenRow extends ScopeRow {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly status: string
  readonly created_by: string
  readonly created_at: Date
  readonly revoke_after: Date | null
  readonly uses_left: number | null
}

export const showToken = (row: TokenRow): DelegateTokenOut => ({
  identifier: row.identifier,
  name: row.name,
  status: row.status === 'ACTIVE' ? 'ACTIVE' : 'REVOKED',
  createdBy: row.created_by,
  createdAt: milliseconds(row.created_at),
  revokeAfter: row.revoke_after && milliseconds(row.revoke_after),
  ...showScope(row),
  usesLeft: row.uses_left,
})

async function read(db: Executor, identifier: string): Promise<TokenRow> {
  const row = await db
    .selectFrom('delegate_token')
    .where('identifier', '=', identifier)
    .select(tokenColumns)
    .executeTakeFirst()
  if (!row) throw missing('Delegate token', identifier)
  return row
}

/** Locked, so that two changes at once do not both tell of the same state before. */
async function lock(tx: StoreTransaction, identifier: string): Promise<TokenRow> {
  const row = await tx
    .selectFrom('delegate_token')
    .where('identifier', '=', identifier)
    .select(tokenColumns)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw missing('Delegate token', identifier)
  return row
}

function changeHandlers({
  store,
  random,
}: TokenDependencies): Pick<ApiHandlers<Names>, 'updateDelegateToken' | 'rotateDelegateToken' | 'deleteDelegateToken'> {
  return {
    rotateDelegateToken: ({ params, body, caller }) => {
      const value = newValue(random)
      return store.transaction(async (tx) => {
        const before = await lock(tx, params.token)
        const grace = body.graceSeconds
        const row = await tx
          .updateTable('delegate_token')
          .set({
            token_hash: hashToken(value),
            previous_hash: grace > 0 ? sql<string>`token_hash` : null,
            previous_until: grace > 0 ? sql<Date>`now() + make_interval(secs => ${grace})` : null,
          })
          .where('id', '=', before.id)
          .returning(tokenColumns)
          .executeTakeFirstOrThrow()
        // The audit tells that the value is another one, which no field shows.
        const after = { ...showToken(row), valueRotated: true }
        await recordEntity(tx, caller, {
          kind: 'delegate-token',
          identifier: params.token,
          before: showToken(before),
          after,
        })
        return { ...showToken(row), value }
      })
    },
    updateDelegateToken: ({ params, body, caller }) =>
      store.transaction(async (tx) => {
        const before = await lock(tx, params.token)
        const after = await tx
          .updateTable('delegate_token')
          .set({
            name: body.name ?? before.name,
            status: body.status ?? before.status,
            revoke_after:
              body.revokeAfter === undefined
                ? before.revoke_after
                : body.revokeAfter === null
                  ? null
                  : new Date(body.revokeAfter),
          })
          .where('id', '=', before.id)
          .returning(tokenColumns)
          .executeTakeFirstOrThrow()
        if (after.status === 'REVOKED') await disconnect(tx, { tokenId: before.id })
        await recordEntity(tx, caller, {
          kind: 'delegate-token',
          identifier: params.token,
          before: showToken(before),
          after: showToken(after),
        })
        return showToken(after)
      }),
    deleteDelegateToken: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const before = await lock(tx, params.token)
        await disconnect(tx, { tokenId: before.id })
        await tx.deleteFrom('delegate_token').where('id', '=', before.id).execute()
        await recordEntity(tx, caller, { kind: 'delegate-token', identifier: params.token, before: showToken(before) })
        notify(tx, 'sluice_work')
        return null
      }),
  }
}

export function delegateTokenHandlers(dependencies: TokenDependencies): ApiHandlers<Names> {
  const { store, random } = dependencies
  return {
    ...changeHandlers(dependencies),
    listDelegateTokens: ({ query }) =>
      readPage(
        store.db.selectFrom('delegate_token'),
        query,
        { ...columnsOf('delegate_token'), updated: 'delegate_token.created_at' },
        (from) => from.select(tokenColumns),
        showToken,
      ),
    getDelegateToken: async ({ params }) => showToken(await read(store.db, params.token)),
    createDelegateToken: async ({ body, caller }) => {
      if (body.revokeAfter !== undefined && body.revokeAfter <= Date.now()) {
        throw invalidField('revokeAfter', 'Is in the past. Give epoch milliseconds.')
      }
      const value = newValue(random)
      const scope = await resolveTokenScope(store.db, body)
      return createUnique('Delegate token', body.identifier, () =>
        store.transaction(async (tx) => {
          const row = await tx
            .insertInto('delegate_token')
            .values({
              identifier: body.identifier,
              name: body.name ?? body.identifier,
              token_hash: hashToken(value),
              status: 'ACTIVE',
              created_by: caller.actor.name,
              revoke_after: body.revokeAfter === undefined ? null : new Date(body.revokeAfter),
              uses_left: body.uses ?? null,
              ...scope,
            })
            .returning(tokenColumns)
            .executeTakeFirstOrThrow()
          const after = showToken(row)
          await recordEntity(tx, caller, { kind: 'delegate-token', identifier: body.identifier, after })
          return { ...after, value }
        }),
      )
    },
  }
}
