// Tables of executions, approvals, what is deployed where, and events.
import type { ColumnType, Generated } from 'kysely'
import type { GeneratedJson, GeneratedTime, Identity, Json } from './column.ts'

export interface ExecutionTable {
  id: string
  project_id: ColumnType<string, string | number, string | number>
  pipeline_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  pipeline: string
  pipeline_name: string
  number: number
  status: string
  yaml: string
  document: GeneratedJson
  state: Json
  trigger_type: string
  triggered_by: string
  triggered_by_name: string
  notes: string | null
  inputs: GeneratedJson
  created_at: GeneratedTime
  started_at: Date | null
  ended_at: Date | null
  retried_from: string | null
  user_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  service_account_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  trigger: ColumnType<unknown, string | null | undefined, string | null>
  trigger_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  trigger_subject: string | null
  freeze_override: ColumnType<unknown, string | null | undefined, string | null>
}

export interface ExecutionNodeTable {
  execution_id: string
  node_id: string
  position: number
  parent_id: string | null
  kind: string
  type: string
  identifier: string
  name: string
  rollback: Generated<boolean>
  status: string
  status_reason: string | null
  db_schema: string | null
  db_instance: string | null
  output: GeneratedJson
  fault: ColumnType<unknown, string | null | undefined, string | null>
  attempt_id: string | null
  attempts: Generated<number>
  approval_id: string | null
  started_at: Date | null
  ended_at: Date | null
}

export interface ExecutionTimerTable {
  execution_id: string
  node_id: string
  kind: string
  due_at: Date
}

export interface ApprovalTable {
  id: string
  execution_id: string
  node_id: string
  status: string
  name: string
  message: string
  minimum_count: number
  disallow_executor: boolean
  user_groups: GeneratedJson
  plan_digests: GeneratedJson
  disallowed_users: GeneratedJson
  inputs: GeneratedJson
  given_inputs: GeneratedJson
  rejects_older: Generated<boolean>
  superseded_by: string | null
  auto_approve_at: Date | null
  auto_comments: Generated<string>
  callback_id: string | null
  created_at: GeneratedTime
  deadline: Date
  decided_at: Date | null
}

export interface ApprovalActivityTable {
  approval_id: string
  user_email: string
  user_name: string
  action: string
  comments: Generated<string>
  at: GeneratedTime
}

/** Secret outputs of steps. */
export interface RunSecretTable {
  id: Identity
  execution_id: string
  node_id: string
  name: string
  ciphertext: string
}

export interface PlanTable {
  execution_id: string
  node_id: string
  attempt_id: string
  digest: string
  payload: Json
  created_at: GeneratedTime
}

export interface ChangeSetStateTable {
  db_instance_id: ColumnType<string, string | number, string | number>
  fqn: string
  file_name: string
  change_set_id: string
  author: string
  position: number
  status: string
  error: string | null
  tag: string | null
  comment: string | null
  labels: string | null
  filtered_by: string | null
  execution_id: string | null
  node_id: string | null
  updated_at: GeneratedTime
}

export interface DeployedChangeSetTable {
  id: Identity
  db_instance_id: ColumnType<string, string | number, string | number>
  execution_id: string
  stage_id: string
  node_id: string
  attempt_id: string
  step_type: string
  fqn: string
  file_name: string
  change_set_id: string
  author: string
  status: string
  tag: string | null
  comment: string | null
  labels: string | null
  sql: GeneratedJson
  error: string | null
  definition: string | null
  deployed_at: GeneratedTime
}

export interface EventTable {
  id: Identity
  at: GeneratedTime
  actor_type: string
  actor_name: string
  source_address: string | null
  project_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  execution_id: string | null
  type: string
  body: Json
}
