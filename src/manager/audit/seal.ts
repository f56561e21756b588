// Links what happened into the audit trail. Whatever is noted in `audit_pending` is committed; one replica at a time takes it, in the
// order of the events, and appends it. So the chain is one, however many replicas write at once, and none waits for another.
import type { KeyObject } from 'node:crypto'
import { sql } from 'kysely'
import type { Store, StoreTransaction } from '../store/port.ts'
import { type AuditEntry, hashText, linkOf, signLink } from './entry.ts'

const batch = 500
/** Any number that no other advisory lock of the store has. */
const lock = 7_401_001

interface Row {
  readonly id: string
  readonly at: Date
  readonly actor_type: string
  readonly actor_name: string
  readonly source_address: string | null
  readonly organization: string | null
  readonly project: string | null
  readonly execution_id: string | null
  readonly body: unknown
  readonly statements: unknown
}

function readPending(tx: StoreTransaction): Promise<{ rows: Row[] }> {
  return sql<Row>`
    select event.id, event.at, actor_type, actor_name, source_address, event.execution_id, event.body,
      organization.identifier as organization, project.identifier as project,
      case when event.type = 'change-set.state' then (select deployed.sql from deployed_change_set as deployed
        where deployed.attempt_id = event.body ->> 'attempt'
          and deployed.fqn = concat_ws('::', event.body ->> 'fileName', event.body ->> 'id', event.body ->> 'author')) end
        as statements
    from audit_pending join event on event.id = audit_pending.event_id
    left join project on project.id = event.project_id
    left join organization on organization.id = project.organization_id
    order by event.id limit ${batch}`.execute(tx)
}

const entryOf = (row: Row, sequence: bigint, previous: string): AuditEntry => ({
  sequence: String(sequence),
  previous,
  at: row.at.toISOString(),
  event: row.id,
  actor: { type: row.actor_type, name: row.actor_name },
  sourceAddress: row.source_address,
  organization: row.organization,
  project: row.project,
  execution: row.execution_id,
  body: row.body,
  ...(row.statements === null ? {} : { sqlDigest: hashText(JSON.stringify(row.statements)) }),
})

/** Appends one batch. Gives how many; 0 also when another replica is at it. */
async function sealBatch(tx: StoreTransaction, key: KeyObject): Promise<number> {
  const { rows: locked } = await sql<{ ours: boolean }>`select pg_try_advisory_xact_lock(${lock}) as ours`.execute(tx)
  if (!locked[0]?.ours) return 0
  const { rows } = await readPending(tx)
  if (rows.length === 0) return 0
  const last = await tx
    .selectFrom('audit_entry')
    .select(['sequence', 'hash'])
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  let sequence = BigInt(last?.sequence ?? 0)
  let previous = last?.hash ?? ''
  const links = rows.map((row) => {
    sequence += 1n
    const link = linkOf(entryOf(row, sequence, previous))
    previous = link.hash
    return link
  })
  const signature = signLink(key, String(sequence), previous)
  const values = links.map((link, index) => ({ ...link, signature: index === links.length - 1 ? signature : null }))
  await tx.insertInto('audit_entry').values(values).execute()
  const ids = rows.map(({ id }) => id)
  await sql`delete from audit_pending where event_id = any(${ids}::bigint[])`.execute(tx)
  return rows.length
}

/** Appends everything that is pending. Gives how many entries it wrote. */
export async function sealAudit(store: Store, key: KeyObject): Promise<number> {
  // Most of the time there is nothing, and a look costs less than a transaction.
  const some = await store.db.selectFrom('audit_pending').select('event_id').limit(1).executeTakeFirst()
  if (!some) return 0
  let written = 0
  for (let last = batch; last === batch; written += last) last = await store.transaction((tx) => sealBatch(tx, key))
  return written
}
