// Tables of users, sessions, API keys, delegates and their tokens.
import type { ColumnType, Generated } from 'kysely'
import type { GeneratedJson, GeneratedTime, Identity } from './column.ts'

export interface UserAccountTable {
  id: Identity
  email: string
  name: string
  role: string
  password_hash: string
  failed_sign_ins: Generated<number>
  locked_until: Date | null
  created_at: GeneratedTime
}

export interface UserSessionTable {
  token_hash: string
  user_id: ColumnType<string, string | number, string | number>
  csrf_token: string
  created_at: GeneratedTime
  expires_at: Date
}

export interface ApiKeyTable {
  id: Identity
  user_id: ColumnType<string, string | number, string | number>
  identifier: string
  name: string
  token_hash: string
  created_at: GeneratedTime
  expires_at: Date | null
  last_used_at: Date | null
}

export interface DelegateTokenTable {
  id: Identity
  identifier: string
  name: string
  token_hash: string
  status: string
  created_by: string
  created_at: GeneratedTime
  revoke_after: Date | null
  organization_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  project_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  uses_left: number | null
  previous_hash: string | null
  previous_until: Date | null
}

export interface DelegateTable {
  id: string
  token_id: ColumnType<string, string | number, string | number>
  name: string
  tags: GeneratedJson
  version: string
  signing_key: string
  sealing_key: string
  capacity: Generated<number>
  running: Generated<number>
  connected: Generated<boolean>
  last_seen_at: Date | null
  created_at: GeneratedTime
  organization_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  project_id: ColumnType<string | null, string | number | null | undefined, string | number | null>
  instance: string | null
  pressure: string | null
  pods: Generated<boolean>
  /** The newest poll that is being answered. */
  poll: string | null
  key_rotation_asked: Generated<boolean>
  previous_signing_key: string | null
  previous_key_until: Date | null
}

export interface DelegateAccessTokenTable {
  token_hash: string
  delegate_id: string
  expires_at: Date
}

export interface UsedAssertionTable {
  jti: string
  expires_at: Date
}
