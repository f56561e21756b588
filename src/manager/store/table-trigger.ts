// Tables of triggers: what starts runs, what was decided about deliveries, and which were seen.
import type { ColumnType, Generated } from 'kysely'
import type { GeneratedJson, GeneratedTime, Identity, Json } from './column.ts'

export interface PipelineTriggerTable {
  id: Identity
  project_id: ColumnType<string, string | number, string | number>
  pipeline_id: ColumnType<string, string | number, string | number>
  identifier: string
  name: string
  description: Generated<string>
  tags: GeneratedJson
  yaml: string
  document: Json
  kind: string
  provider: string | null
  enabled: boolean
  user_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  service_account_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  owner_name: string
  next_at: Date | null
  version: Generated<number>
  created_at: GeneratedTime
  updated_at: GeneratedTime
}

export interface TriggerEventTable {
  id: string
  delivery: string
  project_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  trigger_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  pipeline: string | null
  trigger: string | null
  source: string
  status: string
  reason: string
  execution_id: string | null
  summary: GeneratedJson
  received_at: GeneratedTime
}

export interface TriggerDeliveryTable {
  trigger_id: ColumnType<string, string | number, string | number>
  key: string
  seen_at: GeneratedTime
}

export interface ReplacedRunTable {
  execution_id: string
  replaced_by: string
}

export interface GitReportTable {
  id: Identity
  project_id: ColumnType<string, string | number, string | number>
  target: string
  kind: string
  execution_id: string
  provider: string
  connector: string
  repository: string
  commit: string
  pull_request: number | null
  state: Generated<string>
  remote_id: string | null
  sent_digest: string | null
  tries: Generated<number>
  error: string | null
  next_at: GeneratedTime
  created_at: GeneratedTime
  updated_at: GeneratedTime
}
