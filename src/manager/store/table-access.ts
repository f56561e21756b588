// Tables of access: entities with a scope, roles and who has them, tokens, sign-in, settings, and the audit trail.
import type { ColumnType, Generated } from 'kysely'
import type { GeneratedJson, GeneratedTime, Identity } from './column.ts'

export interface ScopedEntityTable {
  id: Identity
  kind: string
  organization_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  project_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  identifier: string
  name: string
  description: Generated<string>
  tags: GeneratedJson
  body: GeneratedJson
  created_at: GeneratedTime
  updated_at: GeneratedTime
}

export interface UserGroupMemberTable {
  group_id: ColumnType<string, string | number, string | number>
  user_id: ColumnType<string, string | number, string | number>
}

export interface RoleAssignmentTable {
  id: Identity
  organization_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  project_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  identifier: string
  user_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  group_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  service_account_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  role_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  built_in_role: string | null
  resource_group_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  built_in_resource_group: string | null
  disabled: Generated<boolean>
  created_at: GeneratedTime
  updated_at: GeneratedTime
}

export interface AccessKeyTable {
  id: Identity
  user_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  service_account_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  identifier: string
  name: string
  description: Generated<string>
  tags: GeneratedJson
  default_expiry_milliseconds: ColumnType<string | null, string | number | null | undefined, string | number | null>
  created_at: GeneratedTime
  updated_at: GeneratedTime
}

export interface AccessTokenTable {
  id: Identity
  key_id: ColumnType<string, string | number, string | number>
  identifier: string
  name: string
  description: Generated<string>
  tags: GeneratedJson
  token_hash: string
  previous_hash: string | null
  previous_until: Date | null
  valid_from: GeneratedTime
  valid_to: Date | null
  last_used_at: Date | null
  created_at: GeneratedTime
  updated_at: GeneratedTime
}

export interface SignInTryTable {
  key_hash: string
  tries: number
  started_at: Date
}

export interface SignInRequestTable {
  state_hash: string
  nonce: string
  code_verifier: string
  return_to: string
  expires_at: Date
}

export interface UserIdentityTable {
  issuer: string
  subject: string
  user_id: ColumnType<string, string | number, string | number>
  created_at: GeneratedTime
}

export interface SettingTable {
  id: Identity
  organization_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  project_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  identifier: string
  value: string
  allow_overrides: Generated<boolean>
  updated_at: GeneratedTime
}

export interface IdempotentCallTable {
  principal: string
  key: string
  digest: string
  reply: ColumnType<unknown, string | null | undefined, string | null>
  created_at: GeneratedTime
}

export interface AuditPendingTable {
  event_id: ColumnType<string, string | number, string | number>
}

export interface AuditEntryTable {
  sequence: ColumnType<string, string | number, string | number>
  entry: string
  hash: string
  signature: string | null
}
