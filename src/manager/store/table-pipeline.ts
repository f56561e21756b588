// Tables around pipelines: input sets, and what runs hold or wait for.
import type { ColumnType, Generated } from 'kysely'
import type { GeneratedJson, GeneratedTime, Identity } from './column.ts'

export interface InputSetTable {
  id: Identity
  project_id: ColumnType<string, string | number, string | number>
  pipeline_id: ColumnType<string, string | number, string | number>
  identifier: string
  name: string
  description: Generated<string>
  tags: GeneratedJson
  yaml: string
  created_at: GeneratedTime
  updated_at: GeneratedTime
}

export interface ResourceHoldTable {
  id: Identity
  project_id: ColumnType<string, string | number, string | number>
  execution_id: string
  node_id: string
  resource: string
  name: string
  held_at: Date | null
  created_at: GeneratedTime
}
