// Delegates for the clients of the platform services: those of a scope, or of a token, processes of one name together.
import { type RawBuilder, sql } from 'kysely'
import type { PlatformDelegate } from '#contract/api/platform-delegate'
import { requireBelow } from '../access/permit.ts'
import { milliseconds } from '../entity/change.ts'
import { scopeOf } from '../entity/platform-connector.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import { findOne } from './platform-token.ts'
import { resolveTokenScope, type ScopeRow, scopeColumns } from './token-scope.ts'

const most = 1000

interface Row extends ScopeRow {
  readonly id: string
  readonly name: string
  readonly tags: unknown
  readonly version: string
  readonly connected: boolean
  readonly last_seen_at: Date | null
}

export function platformDelegateHandlers(
  store: Store,
): ApiHandlers<'platformListDelegates' | 'platformListDelegateGroups'> {
  return {
    platformListDelegates: async ({ query, body, caller }) => {
      const scope = scopeOf(query)
      const all = query.all === 'true'
      if (all) requireBelow(caller, 'delegate.view', scope)
      const { organization_id: organization, project_id: project } = await resolveTokenScope(store.db, scope)
      const here = sql<boolean>`delegate.organization_id is not distinct from ${organization}::bigint
        and delegate.project_id is not distinct from ${project}::bigint`
      const below = sql<boolean>`(${organization}::bigint is null or delegate.organization_id = ${organization}::bigint)
        and (${project}::bigint is null or delegate.project_id = ${project}::bigint)`
      const found = await readGroups(store.db, all ? below : here)
      const name = body.delegateName?.toLowerCase() ?? ''
      return found
        .filter((one) => one.name.toLowerCase().includes(name))
        .filter(({ connected }) => !body.status || body.status === (connected ? 'CONNECTED' : 'DISCONNECTED'))
    },
    platformListDelegateGroups: async ({ query }) => {
      const { id } = await findOne(store.db, scopeOf(query), query.delegateTokenName)
      return { delegateGroupDetails: await readGroups(store.db, sql<boolean>`delegate.token_id = ${id}::bigint`) }
    },
  }
}

async function readGroups(db: Executor, where: RawBuilder<boolean>): Promise<PlatformDelegate[]> {
  const rows: Row[] = await db
    .selectFrom('delegate')
    .where(where)
    .select(['delegate.id', 'delegate.name', 'delegate.tags', 'delegate.version', 'connected', 'last_seen_at'])
    .select(scopeColumns('delegate'))
    .orderBy('delegate.name')
    .orderBy('delegate.id')
    .limit(most)
    .execute()
  const groups = new Map<string, [Row, ...Row[]]>()
  for (const row of rows) {
    const key = JSON.stringify([row.org, row.project, row.name])
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return [...groups.values()].map(show)
}

function show(rows: readonly [Row, ...Row[]]): PlatformDelegate {
  const [{ name, org, project }] = rows
  const seen = (row: Row): number | null => row.last_seen_at && milliseconds(row.last_seen_at)
  const times = rows.flatMap((row) => seen(row) ?? [])
  return {
    name,
    description: '',
    tags: [...new Set(rows.flatMap(({ tags }) => tags as string[]))],
    connected: rows.some(({ connected }) => connected),
    lastHeartBeat: times.length > 0 ? Math.max(...times) : null,
    delegateReplicas: rows.map((row) => ({
      uuid: row.id,
      version: row.version,
      connected: row.connected,
      lastHeartbeat: seen(row),
    })),
    autoUpgrade: 'OFF',
    legacy: false,
    ...(org ? { orgName: org } : {}),
    ...(project ? { projectName: project } : {}),
  }
}
