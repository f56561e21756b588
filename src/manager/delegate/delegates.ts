// The delegates that have joined: who they are, whether they are there, what they run.
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { DelegateOut } from '#contract/api/delegate'
import { milliseconds, recordEntity } from '../entity/change.ts'
import { readPage } from '../entity/list.ts'
import { missing } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { ProtocolDependencies } from './dependency.ts'
import { disconnect } from './disconnect.ts'

const columns = [
  'delegate.id',
  'delegate.name',
  'delegate.tags',
  'delegate.version',
  'delegate.signing_key',
  'delegate.connected',
  'delegate.last_seen_at',
  'delegate.capacity',
  'delegate.created_at',
  'delegate_token.identifier as token',
] as const

interface Row {
  readonly id: string
  readonly name: string
  readonly tags: unknown
  readonly version: string
  readonly signing_key: string
  readonly connected: boolean
  readonly last_seen_at: Date | null
  readonly capacity: number
  readonly created_at: Date
  readonly token: string
  readonly attempts: string
}

/** What the manager has given it and not yet heard the end of; the delegate's own count may lag. */
const attempts = sql<string>`(select count(*) from attempt
  where attempt.delegate_id = delegate.id and attempt.state in ('accepted', 'started'))`

const show = (row: Row): DelegateOut => ({
  id: row.id,
  name: row.name,
  tags: row.tags as string[],
  version: row.version,
  fingerprint: createHash('sha256').update(Buffer.from(row.signing_key, 'base64url')).digest('hex'),
  token: row.token,
  connected: row.connected,
  lastSeenAt: row.last_seen_at && milliseconds(row.last_seen_at),
  runningAttempts: Number(row.attempts),
  capacity: row.capacity,
  createdAt: milliseconds(row.created_at),
})

const listColumns = {
  id: 'delegate.id',
  identifier: 'delegate.id',
  name: 'delegate.name',
  created: 'delegate.created_at',
  updated: 'delegate.created_at',
}

export function delegateHandlers({ store }: ProtocolDependencies): ApiHandlers<'listDelegates' | 'deleteDelegate'> {
  return {
    listDelegates: ({ query }) =>
      readPage(
        store.db.selectFrom('delegate').innerJoin('delegate_token', 'delegate_token.id', 'delegate.token_id'),
        query,
        listColumns,
        (from) => from.select([...columns, attempts.as('attempts')]),
        show,
      ),
    deleteDelegate: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const row = await tx
          .selectFrom('delegate')
          .innerJoin('delegate_token', 'delegate_token.id', 'delegate.token_id')
          .where('delegate.id', '=', params.delegate)
          .select([...columns, attempts.as('attempts')])
          .forUpdate()
          .executeTakeFirst()
        if (!row) throw missing('Delegate', params.delegate)
        await disconnect(tx, { delegateId: row.id })
        await tx.deleteFrom('delegate').where('id', '=', row.id).execute()
        await recordEntity(tx, caller, { kind: 'delegate', identifier: row.id, before: show(row) })
        return null
      }),
  }
}
