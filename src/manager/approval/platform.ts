// Approvals for the clients of the platform services: those of one execution, and deciding one that is named by its id alone.
import type { Approval } from '#contract/api/approval'
import { requireAt } from '../access/permit.ts'
import { findProjectOfRun, missing } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'

type Own = ApiHandlers<'listApprovals' | 'decideApproval'>
/** An execution has at most so many. */
const most = 100

export function platformApprovalHandlers(
  store: Store,
  own: Own,
): ApiHandlers<'platformListApprovals' | 'platformDecideApproval'> {
  return {
    platformListApprovals: async (call) => {
      const { org, project, execution } = call.params
      const { approval_status: status, approval_type: type = 'HarnessApproval', node_execution_id: node } = call.query
      // Ours know of no failure, and there are no others.
      if (status === 'FAILED' || type !== 'HarnessApproval') return []
      const query = { execution, status, page: 0, limit: most }
      const { rows } = await own.listApprovals({ ...call, params: { org, project }, query })
      return rows
        .filter((approval) => node === undefined || approval.node === node)
        .map((approval) => ({ ...shown(approval), created: approval.createdAt, error_message: '' }))
    },
    platformDecideApproval: async (call) => {
      const { approval } = call.params
      const place = await placeOf(store.db, approval)
      requireAt(call.caller, 'approval.decide', place)
      const { action, comments, approverInputs } = call.body
      const inputs = approverInputs && Object.fromEntries(approverInputs.map(({ name, value }) => [name, value]))
      const body = { action, comments: comments ?? '', ...(inputs ? { inputs } : {}) }
      const decided = await own.decideApproval({ ...call, params: { ...place, approval }, query: {}, body })
      return { ...shown(decided), createdAt: decided.createdAt, errorMessage: '' }
    },
  }
}

async function placeOf(db: Executor, approval: string): Promise<{ readonly org: string; readonly project: string }> {
  const row = await db.selectFrom('approval').where('id', '=', approval).select('execution_id').executeTakeFirst()
  if (!row) throw missing('Approval', approval)
  return findProjectOfRun(db, row.execution_id)
}

const shown = (approval: Approval) => {
  const { userGroups, minimumCount, disallowPipelineExecutor } = approval.approvers
  return {
    id: approval.id,
    type: 'HarnessApproval' as const,
    status: approval.status,
    deadline: approval.deadline,
    details: {
      approvalMessage: approval.message,
      includePipelineExecutionHistory: false,
      approvers: { userGroups, minimumCount, disallowPipelineExecutor },
      approvalActivities: approval.activities.map(({ user, name, action, comments, at }) => ({
        user: { email: user, name },
        action,
        comments,
        approvedAt: at,
      })),
      approverInputs: approval.inputs.map((input) => ({
        name: input.name,
        defaultValue: approval.givenInputs[input.name] ?? input.default ?? '',
      })),
    },
  }
}
