// Approvals over the API: list, read, approve or reject.
import { sql } from 'kysely'
import type { Approval } from '#contract/api/approval'
import { Fault } from '#contract/fault'
import { findProject, missing } from '../entity/scope.ts'
import type { Advance } from '../execution/advance.ts'
import { lockRun } from '../execution/run.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import type { Executor, Store, StoreTransaction } from '../store/port.ts'
import { groupsOf } from './group.ts'
import { mergeInputs } from './input.ts'
import { settle } from './settle.ts'
import {
  type ApprovalRow,
  approvalColumns,
  type Decider,
  obstacleFor,
  plansOf,
  readActivities,
  showApproval,
} from './view.ts'

type Names = 'listApprovals' | 'getApproval' | 'decideApproval'
type Decision = {
  readonly action: 'APPROVE' | 'REJECT'
  readonly comments: string
  readonly planDigests?: string[] | undefined
  readonly inputs?: Readonly<Record<string, string>> | undefined
}

export function approvalHandlers(store: Store, advance: Advance): ApiHandlers<Names> {
  return {
    listApprovals: async ({ params, query, caller }) => {
      const project = await findProject(store.db, params)
      const { execution, status, callback_id: callbackId, page, limit, search_term: term } = query
      const found = selectApprovals(store.db, project.id)
        .$if(execution !== undefined, (rows) => rows.where('approval.execution_id', '=', execution ?? ''))
        .$if(status !== undefined, (rows) => rows.where('approval.status', '=', status ?? ''))
        .$if(callbackId !== undefined, (rows) => rows.where('approval.callback_id', '=', callbackId ?? ''))
        .$if(term !== undefined && term !== '', (rows) =>
          rows.where(sql<boolean>`strpos(lower(approval.name || ' ' || execution.pipeline), lower(${term ?? ''})) > 0`),
        )
      const { total } = await found.select(sql<string>`count(*)`.as('total')).executeTakeFirstOrThrow()
      const rows = await found
        .select(approvalColumns)
        .orderBy('approval.created_at', 'desc')
        .orderBy('approval.id')
        .limit(limit)
        .offset(page * limit)
        .execute()
      const activities = await readActivities(
        store.db,
        rows.map((row) => row.id),
      )
      const decider = await deciderOf(store.db, project.id, caller)
      return { rows: rows.map((row) => showApproval(row, activities.get(row.id) ?? [], decider)), total: Number(total) }
    },

    getApproval: async ({ params, caller }) => {
      const project = await findProject(store.db, params)
      return show(store.db, project.id, params.approval, caller)
    },

    decideApproval: ({ params, body, caller }) =>
      store.transaction(async (tx) => {
        const project = await findProject(tx, params)
        await decide(tx, advance, project.id, params.approval, body, caller)
        return show(tx, project.id, params.approval, caller)
      }),
  }
}

export const selectApprovals = (db: Executor, projectId: string) =>
  db
    .selectFrom('approval')
    .innerJoin('execution', 'execution.id', 'approval.execution_id')
    .where('execution.project_id', '=', projectId)

async function read(db: Executor, projectId: string, id: string): Promise<ApprovalRow> {
  const row = await selectApprovals(db, projectId)
    .where('approval.id', '=', id)
    .select(approvalColumns)
    .executeTakeFirst()
  if (!row) throw missing('Approval', id)
  return row
}

async function show(db: Executor, projectId: string, id: string, caller: Caller): Promise<Approval> {
  const row = await read(db, projectId, id)
  const decider = await deciderOf(db, projectId, caller)
  return showApproval(row, (await readActivities(db, [id])).get(id) ?? [], decider)
}

/** One REJECT ends it; enough APPROVEs let the run go on. The lock of the execution makes decisions one after the other. */
async function decide(
  tx: StoreTransaction,
  advance: Advance,
  projectId: string,
  id: string,
  { action, comments, planDigests, inputs: offered }: Decision,
  caller: Caller,
): Promise<void> {
  const before = await read(tx, projectId, id)
  const run = await lockRun(tx, before.execution_id)
  if (!run) throw missing('Approval', id)
  // Again, now that nobody else can change it.
  const row = await read(tx, projectId, id)
  const activities = (await readActivities(tx, [id])).get(id) ?? []
  const obstacle = obstacleFor(row, activities, await deciderOf(tx, projectId, caller))
  if (obstacle || !caller.user) throw new Fault(obstacle?.code ?? 'forbidden', obstacle?.because ?? '')
  refuseOtherPlans(row, planDigests)
  const inputs = action === 'APPROVE' ? mergeInputs(row, offered) : {}
  const { email, name } = caller.user
  await tx
    .insertInto('approval_activity')
    .values({ approval_id: id, user_email: email, user_name: name, action, comments })
    .execute()
  const approvals = activities.filter((activity) => activity.action === 'APPROVE').length + 1
  const status = action === 'REJECT' ? 'REJECTED' : approvals >= row.minimum_count ? 'APPROVED' : 'WAITING'
  const said = comments === '' ? '' : `: ${comments.slice(0, 512)}`
  const reason = `${status === 'APPROVED' ? 'approved' : 'rejected'} by ${name}${said}`
  const { actor, sourceAddress } = caller
  await settle(tx, advance, projectId, row, { action, status, inputs, reason, actor, sourceAddress })
}

async function deciderOf(db: Executor, projectId: string, caller: Caller): Promise<Decider> {
  const { user } = caller
  return { caller, groups: user ? await groupsOf(db, user.id, projectId) : new Set() }
}

/** Whoever says what they saw is held to it. */
function refuseOtherPlans(row: ApprovalRow, seen: readonly string[] | undefined): void {
  if (seen === undefined) return
  const shown = plansOf(row).map((plan) => plan.digest)
  const differs = seen.length !== shown.length || seen.some((digest) => !shown.includes(digest))
  if (differs)
    throw new Fault('plan-changed', 'The plans that you saw are not those that this approval is about.', {
      hint: 'Read the approval and its plans again, then decide.',
    })
}
