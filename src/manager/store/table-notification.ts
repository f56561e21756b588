// Table of notifications: who is to be told of what, and what became of it.
import type { ColumnType, Generated } from 'kysely'
import type { GeneratedJson, GeneratedTime, Json } from './column.ts'

export interface NotificationTable {
  id: Generated<string>
  project_id: ColumnType<string, string | number, string | number>
  execution_id: string
  pipeline: string
  rule: string
  event: string
  node_id: string | null
  status: string
  method: string
  destination: string
  target: Json
  detail: GeneratedJson
  state: Generated<string>
  tries: Generated<number>
  error: string | null
  next_at: GeneratedTime
  created_at: GeneratedTime
  updated_at: GeneratedTime
}
