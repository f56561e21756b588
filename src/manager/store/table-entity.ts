// Tables of scopes and the entities in them.
import type { ColumnType, Generated } from 'kysely'
import type { GeneratedJson, GeneratedTime, Identity, Json } from './column.ts'

export interface AccountTable {
  id: string
  created_at: GeneratedTime
}

/** One row. */
export interface StoreSchemaTable {
  only_one: Generated<boolean>
  number: number
  oldest: number
  version: string
}

export interface OrganizationTable {
  id: Identity
  identifier: string
  name: string
  description: Generated<string>
  tags: GeneratedJson
  created_at: GeneratedTime
  updated_at: GeneratedTime
}

export interface ProjectTable {
  id: Identity
  organization_id: ColumnType<string, string | number, string | number>
  identifier: string
  name: string
  description: Generated<string>
  color: Generated<string>
  modules: GeneratedJson
  tags: GeneratedJson
  created_at: GeneratedTime
  updated_at: GeneratedTime
}

/** Of a project, of an organization, or of the account when both are null. */
export interface ConnectorTable {
  id: Identity
  project_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  organization_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  identifier: string
  name: string
  description: Generated<string>
  tags: GeneratedJson
  type: string
  spec: Json
  created_at: GeneratedTime
  updated_at: GeneratedTime
}

export interface SecretTable {
  id: Identity
  project_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  organization_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  identifier: string
  name: string
  description: Generated<string>
  tags: GeneratedJson
  type: Generated<string>
  secret_manager: string
  /** Place of the value in another secret manager. */
  reference: string | null
  file_name: string | null
  ciphertext: string | null
  created_at: GeneratedTime
  updated_at: GeneratedTime
}

export interface ImageOverrideTable {
  area: string
  field: string
  image: string
  updated_at: GeneratedTime
}

export interface DbSchemaTable {
  id: Identity
  project_id: ColumnType<string, string | number, string | number>
  identifier: string
  name: string
  tags: GeneratedJson
  changelog: ColumnType<unknown, string | null | undefined, string | null>
  change_log_script: ColumnType<unknown, string | null | undefined, string | null>
  service: string | null
  type: string
  migration_type: string
  use_percona: Generated<boolean>
  created_at: GeneratedTime
  updated_at: GeneratedTime
}

export interface DbInstanceTable {
  id: Identity
  db_schema_id: ColumnType<string, string | number, string | number>
  identifier: string
  name: string
  connector: string
  branch: Generated<string>
  commit_sha: Generated<string>
  git_tag: Generated<string>
  context: Generated<string>
  tags: GeneratedJson
  substitute_properties: GeneratedJson
  last_deployed_tag: Generated<string>
  last_deployed_at: Date | null
  change_sets_read_at: Date | null
  created_at: GeneratedTime
  updated_at: GeneratedTime
}

export interface PipelineTable {
  id: Identity
  project_id: ColumnType<string, string | number, string | number>
  identifier: string
  name: string
  description: Generated<string>
  tags: GeneratedJson
  yaml: string
  last_number: Generated<number>
  created_at: GeneratedTime
  updated_at: GeneratedTime
}
