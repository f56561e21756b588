// Delegate tokens for the clients of the platform services: the same tokens, named by scope and name instead of an identifier.
import { sql } from 'kysely'
import type { z } from 'zod'
import type { delegateTokenOutSchema } from '#contract/api/delegate'
import type { PlatformDelegateToken } from '#contract/api/platform-delegate-token'
import { Fault } from '#contract/fault'
import { scopeOf } from '../entity/platform-connector.ts'
import { missing, type OwnerParams } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor } from '../store/port.ts'
import { resolveTokenScope } from './token-scope.ts'
import { delegateTokenHandlers, type TokenDependencies, tokenColumns, type TokenRow, showToken } from './tokens.ts'

const mostTokens = 1000
type Names = `platform${'Create' | 'Revoke' | 'Delete'}DelegateToken` | 'platformListDelegateTokens'
type Shown = z.output<typeof delegateTokenOutSchema>
interface Found {
  readonly id: string
  readonly token: Shown
}

/** Names there may have any characters; the same name in two scopes is two tokens. */
function identifierOf({ org, project }: OwnerParams, name: string): string {
  const text = [org, project, name].filter((part) => part !== undefined).join('_')
  return text
    .replace(/\W/g, '_')
    .replace(/^(?=\d)/, '_')
    .slice(0, 128)
}

/** Tokens of exactly this scope, newest first. */
async function find(db: Executor, scope: OwnerParams, name: string | undefined): Promise<readonly Found[]> {
  const { organization_id, project_id } = await resolveTokenScope(db, scope)
  const rows: TokenRow[] = await db
    .selectFrom('delegate_token')
    .where(sql<boolean>`delegate_token.organization_id is not distinct from ${organization_id}::bigint
      and delegate_token.project_id is not distinct from ${project_id}::bigint`)
    .$if(name !== undefined, (from) => from.where('name', '=', name ?? ''))
    .select(tokenColumns)
    .orderBy('id', 'desc')
    .limit(mostTokens)
    .execute()
  return rows.map((row) => ({ id: row.id, token: showToken(row) }))
}

export async function findOne(db: Executor, scope: OwnerParams, name: string): Promise<Found> {
  const [one, another] = await find(db, scope, name)
  if (!one) throw missing('Delegate token', name)
  if (another)
    throw new Fault('invalid-input', `Several delegate tokens are named ${name}.`, {
      hint: 'Use /v1/delegate-tokens, where each has its identifier.',
    })
  return one
}

export function platformDelegateTokenHandlers(dependencies: TokenDependencies, account: string): ApiHandlers<Names> {
  const { store } = dependencies
  const { createDelegateToken, updateDelegateToken, deleteDelegateToken } = delegateTokenHandlers(dependencies)
  const show = ({ id, token }: Found): PlatformDelegateToken => ({
    uuid: id,
    accountId: account,
    name: token.name,
    createdBy: token.createdBy,
    createdByNgUser: { name: token.createdBy },
    createdAt: token.createdAt,
    status: token.status,
    ownerIdentifier: [token.org, token.project].filter((part) => part !== undefined).join('/') || null,
    revokeAfter: token.revokeAfter,
  })
  return {
    platformListDelegateTokens: async ({ query }) => {
      const found = await find(store.db, scopeOf(query), query.name)
      return found.filter(({ token }) => (query.status ?? token.status) === token.status).map(show)
    },
    platformCreateDelegateToken: async (call) => {
      const { tokenName: name, revokeAfter } = call.query
      const scope = scopeOf(call.query)
      // Two at once have the same identifier, and that is unique.
      if ((await find(store.db, scope, name)).length > 0)
        throw new Fault('already-exists', `Delegate token ${name} exists already.`)
      const body = { ...scope, identifier: identifierOf(scope, name), name, revokeAfter }
      const { value } = await createDelegateToken({ ...call, query: {}, body })
      return { ...show(await findOne(store.db, scope, name)), value }
    },
    platformRevokeDelegateToken: async (call) => {
      const found = await findOne(store.db, scopeOf(call.query), call.query.tokenName)
      const params = { token: found.token.identifier }
      const token = await updateDelegateToken({ ...call, params, query: {}, body: { status: 'REVOKED' } })
      return show({ ...found, token })
    },
    platformDeleteDelegateToken: async (call) => {
      const { token } = await findOne(store.db, scopeOf(call.query), call.query.tokenName)
      await deleteDelegateToken({ ...call, params: { token: token.identifier }, query: {} })
      return true as const
    },
  }
}
