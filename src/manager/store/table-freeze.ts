// Table of freezes: times in which runs do not start.
import type { ColumnType, Generated } from 'kysely'
import type { GeneratedJson, GeneratedTime, Identity, Json } from './column.ts'

export interface FreezeTable {
  id: Identity
  organization_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  project_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  identifier: string
  name: string
  description: Generated<string>
  tags: GeneratedJson
  yaml: string
  document: Json
  enabled: boolean
  version: Generated<number>
  created_at: GeneratedTime
  updated_at: GeneratedTime
}
