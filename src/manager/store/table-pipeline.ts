// Tables around pipelines: input sets.
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
