// The audit trail over the API: links for an export, and events as the clients of the platform services search them.
import { type SelectQueryBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { auditEventSchema, auditFilterSchema } from '#contract/api/audit'
import { listQueryOf } from '#contract/platform'
import { requireBelow } from '../access/permit.ts'
import { findPlace, shownPlace } from '../entity/scoped-place.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Store } from '../store/port.ts'
import { publicKeyOf, type SigningKeys } from './entry.ts'
import { isAudited } from './record.ts'
import { sealAudit } from './seal.ts'

type Filter = z.output<typeof auditFilterSchema>
type Event = z.output<typeof auditEventSchema>

interface Row {
  readonly id: string
  readonly at: Date
  readonly actor_type: string
  readonly actor_name: string
  readonly source_address: string | null
  readonly org: string | null
  readonly project: string | null
  readonly execution_id: string | null
  readonly type: string
  readonly body: unknown
}

const actions: Readonly<Record<string, string>> = {
  'entity.created': 'CREATE',
  'entity.updated': 'UPDATE',
  'entity.deleted': 'DELETE',
  'session.started': 'LOGIN',
  'session.refused': 'UNSUCCESSFUL_LOGIN',
  'session.ended': 'LOGOUT',
  'execution.status': 'EXECUTE',
  'task.status': 'EXECUTE',
  'execution.abort': 'ABORT',
  'task.abort': 'ABORT',
  'node.resolved': 'EXECUTE',
  'node.inputs': 'EXECUTE',
  'approval.decided': 'APPROVE',
}
const principals: Readonly<Record<string, string>> = { user: 'USER', 'api-key': 'API_KEY', system: 'SYSTEM' }

function resourceOf({ type, body }: Row): Event['resource'] {
  const { kind, identifier, email, pipeline, approval, node, subject } = body as Record<string, string | undefined>
  if (type.startsWith('entity.')) return { type: kind ?? '', identifier: identifier ?? '' }
  if (type.startsWith('session.')) return { type: 'user', identifier: email ?? '' }
  return { type: type.split('.', 1)[0] ?? '', identifier: pipeline ?? approval ?? subject ?? node ?? '' }
}

const show = (account: string, row: Row): Event => ({
  auditId: row.id,
  timestamp: row.at.getTime(),
  action: actions[row.type] ?? row.type.toUpperCase().replace(/\W/g, '_'),
  resource: resourceOf(row),
  resourceScope: shownPlace(account, { org: row.org ?? undefined, project: row.project ?? undefined }),
  authenticationInfo: { principal: { type: principals[row.actor_type] ?? 'SERVICE', identifier: row.actor_name } },
  requestMetadata: { clientIP: row.source_address ?? '' },
  module: 'DBOPS',
  execution: row.execution_id,
  event: row.body,
})

function matching<DB, TB extends keyof DB, O>(
  from: SelectQueryBuilder<DB, TB, O>,
  filter: Filter,
): SelectQueryBuilder<DB, TB, O> {
  const types = filter.actions?.flatMap((action) => Object.keys(actions).filter((type) => actions[type] === action))
  const identifiers = filter.resources?.map(({ type, identifier }) => JSON.stringify([type, identifier]))
  const names = filter.principals?.map(({ identifier }) => identifier)
  return from
    .$if(filter.startTime !== undefined, (rows) =>
      rows.where(sql<boolean>`event.at >= ${new Date(filter.startTime ?? 0)}`),
    )
    .$if(filter.endTime !== undefined, (rows) => rows.where(sql<boolean>`event.at < ${new Date(filter.endTime ?? 0)}`))
    .$if(types !== undefined, (rows) => rows.where(sql<boolean>`event.type = any(${types}::text[])`))
    .$if(names !== undefined, (rows) => rows.where(sql<boolean>`event.actor_name = any(${names}::text[])`))
    .$if(identifiers !== undefined, (rows) =>
      rows.where(
        sql<boolean>`jsonb_build_array(event.body ->> 'kind', event.body ->> 'identifier')
          = any(${identifiers}::text[]::jsonb[])`,
      ),
    )
}

export interface AuditOptions {
  readonly store: Store
  readonly account: string
  readonly keys: SigningKeys
}

export function auditHandlers({ store, account, keys }: AuditOptions): ApiHandlers<'exportAudit' | 'listAudits'> {
  return {
    exportAudit: async ({ query, caller }) => {
      requireBelow(caller, 'audit.view', {})
      // What is committed when the question comes is in the answer.
      await sealAudit(store, keys.current)
      const entries = await store.db
        .selectFrom('audit_entry')
        .where('sequence', '>', query.after)
        .select(['sequence', 'entry', 'hash', 'signature'])
        .orderBy('sequence')
        .limit(query.limit)
        .execute()
      return { account, publicKeys: [keys.current, ...keys.older].map(publicKeyOf), entries }
    },

    listAudits: async ({ query, body, caller }) => {
      const place = await findPlace(store.db, query)
      if (place.projectId === null) requireBelow(caller, 'audit.view', place)
      const from = store.db
        .selectFrom('event')
        .leftJoin('project', 'project.id', 'event.project_id')
        .leftJoin('organization', 'organization.id', 'project.organization_id')
        .where(isAudited(sql.ref('event.type'), sql.ref('event.body')))
        .$if(place.projectId !== null, (rows) => rows.where('event.project_id', '=', place.projectId ?? ''))
        .$if(place.projectId === null && place.organizationId !== null, (rows) =>
          rows.where('project.organization_id', '=', place.organizationId ?? ''),
        )
      const found = matching(from, body)
      const { total } = await found.select(sql<string>`count(*)`.as('total')).executeTakeFirstOrThrow()
      const { page, limit } = listQueryOf(query)
      const rows = await found
        .select(['event.id', 'at', 'actor_type', 'actor_name', 'source_address', 'execution_id', 'type', 'body'])
        .select(['organization.identifier as org', 'project.identifier as project'])
        .orderBy('event.id', 'desc')
        .limit(limit)
        .offset(page * limit)
        .execute()
      return { rows: rows.map((row) => show(account, row)), total: Number(total) }
    },
  }
}
