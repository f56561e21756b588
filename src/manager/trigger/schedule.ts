// Schedules fall due: any number of replicas look, the row lock lets one of them start the run, and each time starts one at most.
import { sql } from 'kysely'
import { nextRun } from '#pipeline/trigger/cron'
import { cronFacts } from '#pipeline/trigger/fact'
import type { StoreTransaction } from '../store/port.ts'
import { rowOf, selectTriggers, type TriggerRow } from './row.ts'
import { type StartDependencies, startTrigger } from './start.ts'

const MOST_AT_ONCE = 50
/** Seconds after which a run is called late. */
const punctual = 90

/**
 * Starts what is due by the database's clock, and sets the next time after now: what was missed while no manager ran, however
 * often, is made up for once. Gives the number of decisions.
 */
export async function startScheduled(dependencies: StartDependencies): Promise<number> {
  const { store, log } = dependencies
  const due = await selectTriggers(store.db)
    .where('next_at', '<=', sql<Date>`now()`)
    .orderBy('next_at')
    .limit(MOST_AT_ONCE)
    .execute()
  let decided = 0
  for (const trigger of due.map(rowOf)) {
    try {
      if (await startOne(dependencies, trigger)) decided += 1
    } catch (error) {
      log(`The trigger ${trigger.identifier} of ${trigger.pipeline} could not be started: ${(error as Error).message}`)
    }
  }
  return decided
}

async function startOne(dependencies: StartDependencies, trigger: TriggerRow): Promise<boolean> {
  const { next_at: due } = trigger
  if (due === null) return false
  const summary = { scheduledTime: due.toISOString() }
  const outcome = await startTrigger(
    dependencies,
    { delivery: dependencies.createId(), source: 'Scheduled', summary, trigger },
    {
      type: 'SCHEDULER_CRON',
      facts: cronFacts(trigger.document, due),
      subject: null,
      keys: [],
      reason: await reasonOf(dependencies, due),
      sourceAddress: 'schedule',
    },
    (tx) => claim(tx, trigger),
  )
  return outcome !== undefined
}

/** Whoever moves the time on has the run; another replica finds it moved. */
async function claim(tx: StoreTransaction, { id }: TriggerRow): Promise<boolean> {
  const row = await tx
    .selectFrom('pipeline_trigger')
    .where('id', '=', id)
    .where('enabled', '=', true)
    .where('next_at', '<=', sql<Date>`now()`)
    .select(['document', sql<Date>`clock_timestamp()`.as('now')])
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (!row) return false
  const { source } = row.document as TriggerRow['document']
  const next = source.type === 'Scheduled' ? (nextRun(source, row.now) ?? null) : null
  await tx.updateTable('pipeline_trigger').set({ next_at: next }).where('id', '=', id).execute()
  return true
}

async function reasonOf({ store }: StartDependencies, due: Date): Promise<string> {
  const { rows } = await sql<{ late: number }>`
    select extract(epoch from now() - ${due}::timestamptz)::float8 as late`.execute(store.db)
  const late = rows[0]?.late ?? 0
  if (late < punctual) return 'It was due.'
  return `It was due ${Math.round(late / 60)} minutes ago; times missed since are not made up for.`
}
