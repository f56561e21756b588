// Who was told of a run is told of the run that goes on from it.
import { sql } from 'kysely'
import type { StoreTransaction } from '../store/port.ts'

/** The commit status, and the comment unless a newer run has it by now. The earlier run tells nothing any more. */
export async function carryReports(tx: StoreTransaction, earlier: string, run: string): Promise<void> {
  await tx
    .updateTable('git_report')
    .set({
      execution_id: run,
      target: sql`case kind when 'status' then ${`status ${run}`} else target end`,
      state: 'open',
      tries: 0,
      error: null,
      next_at: sql<Date>`now()`,
    })
    .where('execution_id', '=', earlier)
    .execute()
}
