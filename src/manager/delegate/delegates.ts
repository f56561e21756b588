// The delegates that have joined: who they are, whether they are there, what they run.
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { DelegateOut } from '#contract/api/delegate'
import { milliseconds, recordEntity } from '../entity/change.ts'
import { readPage } from '../entity/list.ts'
import { missing } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { ProtocolDependencies } from './dependency.ts'
import { notify } from '../store/notify.ts'
import { disconnect } from './disconnect.ts'
import { type ScopeRow, scopeColumns, showScope } from './token-scope.ts'

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
  'delegate.instance',
  'delegate.pressure',
  'delegate.previous_signing_key',
  'delegate_token.identifier as token',
  ...scopeColumns('delegate'),
] as const

interface Row extends ScopeRow {
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
  readonly instance: string | null
  readonly pressure: string | null
  readonly previous_signing_key: string | null
}

/** What the manager has given it and not yet heard the end of; the delegate's own count may lag. */
const attempts = sql<string>`(select count(*) from attempt
  where attempt.delegate_id = delegate.id and attempt.state in ('accepted', 'started'))`

const fingerprint = (key: string): string => createHash('sha256').update(Buffer.from(key, 'base64url')).digest('hex')

const show = (row: Row): DelegateOut => ({
  id: row.id,
  name: row.name,
  tags: row.tags as string[],
  version: row.version,
  fingerprint: fingerprint(row.signing_key),
  ...(row.previous_signing_key === null ? {} : { previousFingerprint: fingerprint(row.previous_signing_key) }),
  ...(row.connected && row.instance !== null ? { instance: row.instance } : {}),
  ...(row.connected && row.pressure !== null ? { pressure: row.pressure } : {}),
  ...showScope(row),
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

export function delegateHandlers({
  store,
}: ProtocolDependencies): ApiHandlers<'listDelegates' | 'rotateDelegateKeys' | 'deleteDelegate'> {
  return {
    listDelegates: ({ query }) =>
      readPage(
        store.db.selectFrom('delegate').innerJoin('delegate_token', 'delegate_token.id', 'delegate.token_id'),
        query,
        listColumns,
        (from) => from.select([...columns, attempts.as('attempts')]),
        show,
      ),
    rotateDelegateKeys: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const row = await tx
          .updateTable('delegate')
          .set({ key_rotation_asked: true })
          .where('id', '=', params.delegate)
          .returning(['id', 'name'])
          .executeTakeFirst()
        if (!row) throw missing('Delegate', params.delegate)
        const [before, after] = [{ name: row.name }, { name: row.name, keyRotationAsked: true }]
        await recordEntity(tx, caller, { kind: 'delegate', identifier: row.id, before, after })
        notify(tx, 'sluice_work')
        return null
      }),
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
