// An approval as the API shows it, and whether the caller may decide it.
import type { Approval, approvalStatusSchema } from '#contract/api/approval'
import type { Executor } from '../store/port.ts'
import type { Caller } from '../http/handler.ts'
import type { PlanReference } from './plan.ts'
import type { z } from 'zod'

export const approvalColumns = [
  'approval.id',
  'approval.execution_id',
  'execution.pipeline',
  'execution.triggered_by',
  'approval.node_id',
  'approval.name',
  'approval.status',
  'approval.message',
  'approval.minimum_count',
  'approval.disallow_executor',
  'approval.user_groups',
  'approval.plan_digests',
  'approval.disallowed_users',
  'approval.inputs',
  'approval.given_inputs',
  'approval.rejects_older',
  'approval.callback_id',
  'approval.auto_approve_at',
  'approval.created_at',
  'approval.deadline',
] as const

export interface ApprovalRow {
  readonly id: string
  readonly execution_id: string
  readonly pipeline: string
  readonly triggered_by: string
  readonly node_id: string
  readonly name: string
  readonly status: string
  readonly message: string
  readonly minimum_count: number
  readonly disallow_executor: boolean
  readonly user_groups: unknown
  readonly plan_digests: unknown
  readonly disallowed_users: unknown
  readonly inputs: unknown
  readonly given_inputs: unknown
  readonly rejects_older: boolean
  readonly callback_id: string | null
  readonly auto_approve_at: Date | null
  readonly created_at: Date
  readonly deadline: Date
}
type Activity = Approval['activities'][number]

export const plansOf = (row: ApprovalRow): readonly PlanReference[] => row.plan_digests as PlanReference[]

/** Activities of each approval, oldest first. */
export async function readActivities(
  db: Executor,
  approvals: readonly string[],
): Promise<ReadonlyMap<string, readonly Activity[]>> {
  if (approvals.length === 0) return new Map()
  const rows = await db
    .selectFrom('approval_activity')
    .where('approval_id', 'in', approvals)
    .selectAll()
    .orderBy('at')
    .execute()
  const found = new Map<string, Activity[]>()
  for (const row of rows) {
    const { user_email: user, user_name: name, comments, at } = row
    const action = row.action as Activity['action']
    const list = found.get(row.approval_id) ?? []
    found.set(row.approval_id, list)
    list.push({ user, name, action, comments, at: at.getTime() })
  }
  return found
}

export interface Obstacle {
  readonly code: 'forbidden' | 'conflict'
  readonly because: string
}

/** Who asks, and the user groups that they belong to. */
export interface Decider {
  readonly caller: Caller
  readonly groups: ReadonlySet<string>
}

/** Why the caller may not decide, by the first rule that says so; undefined when nothing stands against it. */
export function obstacleFor(
  row: ApprovalRow,
  activities: readonly Activity[],
  { caller, groups }: Decider,
): Obstacle | undefined {
  if (row.status !== 'WAITING') return { code: 'conflict', because: `It is ${row.status} already.` }
  if (!caller.user) return { code: 'forbidden', because: 'Only a user can approve or reject.' }
  if (!caller.permissions.has('approval.decide'))
    return { code: 'forbidden', because: 'The permission approval.decide is missing.' }
  const { email } = caller.user
  const allowed = row.user_groups as string[]
  if (allowed.length > 0 && !allowed.some((group) => groups.has(group)))
    return { code: 'forbidden', because: `Only members of ${allowed.join(', ')} may decide.` }
  if ((row.disallowed_users as string[]).some((one) => one.toLowerCase() === email.toLowerCase()))
    return { code: 'forbidden', because: 'The pipeline says that you may not decide it.' }
  if (row.disallow_executor && email === row.triggered_by)
    return { code: 'forbidden', because: 'Who started the execution may not approve it; somebody else must.' }
  if (activities.some((activity) => activity.user === email))
    return { code: 'conflict', because: 'You have decided already; one decision a person counts.' }
  return undefined
}

export function showApproval(row: ApprovalRow, activities: readonly Activity[], decider: Decider): Approval {
  const obstacle = obstacleFor(row, activities, decider)
  return {
    id: row.id,
    execution: row.execution_id,
    pipeline: row.pipeline,
    node: row.node_id,
    name: row.name,
    status: row.status as z.output<typeof approvalStatusSchema>,
    message: row.message,
    approvers: {
      minimumCount: row.minimum_count,
      disallowPipelineExecutor: row.disallow_executor,
      userGroups: row.user_groups as string[],
      disallowedUserEmails: row.disallowed_users as string[],
    },
    inputs: row.inputs as Approval['inputs'],
    givenInputs: row.given_inputs as Approval['givenInputs'],
    planDigests: plansOf(row).map((plan) => plan.digest),
    activities: [...activities],
    decidable: obstacle === undefined,
    ...(obstacle ? { notDecidableBecause: obstacle.because } : {}),
    callbackId: row.callback_id,
    autoApproveAt: row.auto_approve_at?.getTime() ?? null,
    createdAt: row.created_at.getTime(),
    deadline: row.deadline.getTime(),
  }
}
