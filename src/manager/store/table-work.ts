// Tables of the work queue and its logs.
import type { ColumnType, Generated } from 'kysely'
import type { GeneratedJson, GeneratedTime, Json } from './column.ts'

export interface AttemptTable {
  id: string
  execution_id: string | null
  node_id: string
  project_id: ColumnType<string, string | number, string | number>
  number: number
  type: string
  changing: boolean
  instance_key: string | null
  spec: Json
  delegate_selectors: GeneratedJson
  state: string
  fence: ColumnType<string, string | number | undefined, string | number>
  delegate_id: string | null
  delegate_instance: string | null
  run_at: GeneratedTime
  offered_until: Date | null
  lease_until: Date | null
  cancel_requested_at: Date | null
  cancel_reason: string | null
  cancel_grace_seconds: number | null
  event_seq: Generated<number>
  outcome: string | null
  output: ColumnType<unknown, string | null | undefined, string | null>
  fault: ColumnType<unknown, string | null | undefined, string | null>
  reconcile: ColumnType<unknown, string | null | undefined, string | null>
  waiting_reason: string | null
  created_at: GeneratedTime
  accepted_at: Date | null
  started_at: Date | null
  finished_at: Date | null
  needs: GeneratedJson
}

export interface TaskTable {
  id: string
  project_id: ColumnType<string, string | number, string | number>
  kind: string
  connector: string | null
  db_schema: string | null
  db_instance: string | null
  reference: string | null
  asked_by: string
  asked_by_name: string
  deadline: Date
  plan: ColumnType<unknown, string | null | undefined, string | null>
  created_at: GeneratedTime
}

export interface SnapshotTable {
  task_id: string
  db_instance_id: ColumnType<string, string | number, string | number>
  objects: Generated<number>
  complete: Generated<boolean>
  created_at: GeneratedTime
}

export interface SnapshotObjectTable {
  task_id: string
  type: string
  name: string
  value: Json
}

export interface AttemptRefusalTable {
  attempt_id: string
  delegate_id: string
  reason: string
  until: Date
}

export interface AttemptTokenTable {
  token_hash: string
  attempt_id: string
  expires_at: Date
}

export interface LogStreamTable {
  attempt_id: string
  stream: string
  committed: ColumnType<string, string | number | undefined, string | number>
  expected: ColumnType<string | null, string | number | null | undefined, string | number | null>
  closed: Generated<boolean>
  sha256: string | null
  verified: boolean | null
  updated_at: GeneratedTime
}

export interface LogChunkTable {
  attempt_id: string
  stream: string
  start_offset: ColumnType<string, string | number, string | number>
  size: number
  data: Uint8Array
}
