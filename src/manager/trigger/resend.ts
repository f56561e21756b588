// Tells a Git host again what was given up.
import { sql } from 'kysely'
import { Fault } from '#contract/fault'
import { recordEvent } from '../audit/record.ts'
import { findProject, missing } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Store } from '../store/port.ts'

export function resendHandlers(store: Store): ApiHandlers<'resendReports'> {
  return {
    resendReports: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const { id: projectId } = await findProject(tx, params)
        const execution = await tx
          .selectFrom('execution')
          .where('project_id', '=', projectId)
          .where('id', '=', params.execution)
          .select(['id', 'pipeline'])
          .executeTakeFirst()
        if (!execution) throw missing('Execution', params.execution)
        const { id: executionId, pipeline } = execution
        const rows = await tx
          .updateTable('git_report')
          .set({ state: 'open', tries: 0, error: null, next_at: sql`now()`, updated_at: sql`now()` })
          .where('execution_id', '=', executionId)
          .where('state', '=', 'dead')
          .returning('kind')
          .execute()
        if (rows.length === 0)
          throw new Fault('conflict', 'Nothing that a Git host was to be told of the execution was given up.', {
            hint: 'A comment on a pull request tells of its newest run only.',
          })
        const { actor, sourceAddress } = caller
        const resent = rows.length
        const body = { type: 'report.resent', pipeline, reports: resent } as const
        await recordEvent(tx, { actor, sourceAddress, projectId, executionId, body })
        return { resent }
      }),
  }
}
