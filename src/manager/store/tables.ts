// The tables of the metadata store as Kysely sees them. Mirrors store/changelog; a test compares both.
import type {
  ScopedEntityTable,
  UserGroupMemberTable,
  RoleAssignmentTable,
  AccessKeyTable,
  AccessTokenTable,
  SignInTryTable,
  SignInRequestTable,
  UserIdentityTable,
  SettingTable,
  IdempotentCallTable,
  AuditPendingTable,
  AuditEntryTable,
} from './table-access.ts'
import type {
  AccountTable,
  StoreSchemaTable,
  OrganizationTable,
  ProjectTable,
  ConnectorTable,
  SecretTable,
  DbSchemaTable,
  DbInstanceTable,
  ImageOverrideTable,
  PipelineTable,
} from './table-entity.ts'
import type {
  ExecutionTable,
  ExecutionNodeTable,
  ExecutionTimerTable,
  ApprovalTable,
  ApprovalActivityTable,
  PlanTable,
  RunSecretTable,
  ChangeSetStateTable,
  DeployedChangeSetTable,
  EventTable,
} from './table-execution.ts'
import type {
  UserAccountTable,
  UserSessionTable,
  ApiKeyTable,
  DelegateTokenTable,
  DelegateTable,
  DelegateAccessTokenTable,
  UsedAssertionTable,
} from './table-identity.ts'
import type { FreezeTable } from './table-freeze.ts'
import type { NotificationTable } from './table-notification.ts'
import type { InputSetTable, ResourceHoldTable } from './table-pipeline.ts'
import type {
  GitReportTable,
  ReplacedRunTable,
  PipelineTriggerTable,
  TriggerDeliveryTable,
  TriggerEventTable,
} from './table-trigger.ts'
import type {
  AttemptRefusalTable,
  AttemptTable,
  AttemptTokenTable,
  LogChunkTable,
  LogStreamTable,
  SnapshotObjectTable,
  SnapshotTable,
  TaskTable,
} from './table-work.ts'

export interface Tables {
  account: AccountTable
  store_schema: StoreSchemaTable
  organization: OrganizationTable
  project: ProjectTable
  connector: ConnectorTable
  secret: SecretTable
  run_secret: RunSecretTable
  image_override: ImageOverrideTable
  db_schema: DbSchemaTable
  db_instance: DbInstanceTable
  pipeline: PipelineTable
  input_set: InputSetTable
  resource_hold: ResourceHoldTable
  freeze_window: FreezeTable
  notification: NotificationTable
  pipeline_trigger: PipelineTriggerTable
  trigger_event: TriggerEventTable
  trigger_delivery: TriggerDeliveryTable
  git_report: GitReportTable
  replaced_run: ReplacedRunTable
  user_account: UserAccountTable
  user_session: UserSessionTable
  api_key: ApiKeyTable
  delegate_token: DelegateTokenTable
  delegate: DelegateTable
  delegate_access_token: DelegateAccessTokenTable
  used_assertion: UsedAssertionTable
  execution: ExecutionTable
  execution_node: ExecutionNodeTable
  execution_timer: ExecutionTimerTable
  approval: ApprovalTable
  approval_activity: ApprovalActivityTable
  attempt: AttemptTable
  attempt_token: AttemptTokenTable
  attempt_refusal: AttemptRefusalTable
  log_stream: LogStreamTable
  task: TaskTable
  snapshot: SnapshotTable
  snapshot_object: SnapshotObjectTable
  log_chunk: LogChunkTable
  plan: PlanTable
  change_set_state: ChangeSetStateTable
  deployed_change_set: DeployedChangeSetTable
  event: EventTable
  scoped_entity: ScopedEntityTable
  user_group_member: UserGroupMemberTable
  role_assignment: RoleAssignmentTable
  access_key: AccessKeyTable
  access_token: AccessTokenTable
  sign_in_try: SignInTryTable
  sign_in_request: SignInRequestTable
  user_identity: UserIdentityTable
  setting: SettingTable
  idempotent_call: IdempotentCallTable
  audit_pending: AuditPendingTable
  audit_entry: AuditEntryTable
}
