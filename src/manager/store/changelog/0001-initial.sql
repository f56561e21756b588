-- liquibase formatted sql

-- changeset sluice:0001-scope
-- comment: Scopes and the entities in them
create table account (
  id text primary key,
  created_at timestamptz not null default now()
);
create table organization (
  id bigint generated always as identity primary key,
  identifier text not null unique,
  name text not null,
  description text not null default '',
  tags jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create table project (
  id bigint generated always as identity primary key,
  organization_id bigint not null references organization (id) on delete cascade,
  identifier text not null,
  name text not null,
  description text not null default '',
  color text not null default '#0063F7',
  modules jsonb not null default '[]',
  tags jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, identifier)
);
create table connector (
  id bigint generated always as identity primary key,
  project_id bigint not null references project (id) on delete cascade,
  identifier text not null,
  name text not null,
  description text not null default '',
  tags jsonb not null default '{}',
  type text not null,
  spec jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, identifier)
);
create table secret (
  id bigint generated always as identity primary key,
  project_id bigint not null references project (id) on delete cascade,
  identifier text not null,
  name text not null,
  description text not null default '',
  tags jsonb not null default '{}',
  secret_manager text not null,
  -- Envelope: version, wrapped data key, nonce, ciphertext; base64. Bound to project and identifier.
  ciphertext text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, identifier)
);
create table db_schema (
  id bigint generated always as identity primary key,
  project_id bigint not null references project (id) on delete cascade,
  identifier text not null,
  name text not null,
  tags jsonb not null default '{}',
  changelog jsonb,
  change_log_script jsonb,
  service text,
  type text not null check (type in ('Repository', 'Script')),
  migration_type text not null check (migration_type in ('Liquibase', 'Flyway')),
  use_percona boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, identifier)
);
create table db_instance (
  id bigint generated always as identity primary key,
  db_schema_id bigint not null references db_schema (id) on delete cascade,
  identifier text not null,
  name text not null,
  connector text not null,
  branch text not null default '',
  commit_sha text not null default '',
  git_tag text not null default '',
  context text not null default '',
  tags jsonb not null default '{}',
  substitute_properties jsonb not null default '{}',
  last_deployed_tag text not null default '',
  last_deployed_at timestamptz,
  -- When a step last told the whole changelog as it stands here; the newest one gives the order of the change sets.
  change_sets_read_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (db_schema_id, identifier)
);
create table pipeline (
  id bigint generated always as identity primary key,
  project_id bigint not null references project (id) on delete cascade,
  identifier text not null,
  name text not null,
  description text not null default '',
  tags jsonb not null default '{}',
  yaml text not null,
  last_number integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, identifier)
);

-- changeset sluice:0001-identity
-- comment: Users, sessions, API keys, delegates and their tokens. Secrets only as hashes.
create table user_account (
  id bigint generated always as identity primary key,
  email text not null unique,
  name text not null,
  role text not null,
  password_hash text not null,
  failed_sign_ins integer not null default 0,
  locked_until timestamptz,
  created_at timestamptz not null default now()
);
create table user_session (
  token_hash text primary key,
  user_id bigint not null references user_account (id) on delete cascade,
  csrf_token text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create table api_key (
  id bigint generated always as identity primary key,
  user_id bigint not null references user_account (id) on delete cascade,
  identifier text not null,
  name text not null,
  token_hash text not null unique,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  unique (user_id, identifier)
);
create table delegate_token (
  id bigint generated always as identity primary key,
  identifier text not null unique,
  name text not null,
  token_hash text not null unique,
  status text not null check (status in ('ACTIVE', 'REVOKED')),
  created_by text not null,
  created_at timestamptz not null default now(),
  revoke_after timestamptz
);
create table delegate (
  id text primary key,
  token_id bigint not null references delegate_token (id) on delete cascade,
  name text not null,
  tags jsonb not null default '[]',
  version text not null,
  signing_key text not null unique,
  sealing_key text not null,
  capacity integer not null default 0,
  running integer not null default 0,
  connected boolean not null default false,
  last_seen_at timestamptz,
  created_at timestamptz not null default now()
);
create table delegate_access_token (
  token_hash text primary key,
  delegate_id text not null references delegate (id) on delete cascade,
  expires_at timestamptz not null
);
create index delegate_access_token_expiry on delegate_access_token (expires_at);
create index delegate_access_token_delegate on delegate_access_token (delegate_id);
create table used_assertion (
  jti text primary key,
  expires_at timestamptz not null
);

-- changeset sluice:0001-execution
-- comment: Executions, their nodes, approvals and plans
create table execution (
  id text primary key,
  project_id bigint not null references project (id) on delete cascade,
  pipeline_id bigint references pipeline (id) on delete set null,
  pipeline text not null,
  pipeline_name text not null,
  number integer not null,
  status text not null,
  -- The document as it was when the run started; the state of the pure machine over it.
  yaml text not null,
  -- What the YAML was read as: moving the run on needs no reading of YAML, and a later version goes on with what this one read.
  document jsonb not null default '{}',
  state jsonb not null,
  trigger_type text not null,
  triggered_by text not null,
  triggered_by_name text not null,
  notes text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz
);
create index execution_project on execution (project_id, created_at desc);
create index execution_open on execution (status) where ended_at is null;
create table execution_node (
  execution_id text not null references execution (id) on delete cascade,
  node_id text not null,
  position integer not null,
  parent_id text,
  kind text not null check (kind in ('stage', 'group', 'step')),
  type text not null,
  identifier text not null,
  name text not null,
  rollback boolean not null default false,
  status text not null,
  status_reason text,
  db_schema text,
  db_instance text,
  output jsonb not null default '{}',
  fault jsonb,
  attempt_id text,
  attempts integer not null default 0,
  approval_id text,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (execution_id, node_id)
);
-- What must happen at a time if nothing else does before: time-outs, ends of waits. The machine over `execution.state` says what it means.
create table execution_timer (
  execution_id text not null references execution (id) on delete cascade,
  -- '' is the execution itself.
  node_id text not null,
  kind text not null check (kind in ('timeout', 'wait', 'intervention')),
  due_at timestamptz not null,
  primary key (execution_id, node_id, kind)
);
create index execution_timer_due on execution_timer (due_at);
create table approval (
  id text primary key,
  execution_id text not null references execution (id) on delete cascade,
  node_id text not null,
  status text not null check (status in ('WAITING', 'APPROVED', 'REJECTED', 'EXPIRED', 'ABORTED')),
  name text not null,
  message text not null,
  minimum_count integer not null,
  disallow_executor boolean not null,
  user_groups jsonb not null default '[]',
  plan_digests jsonb not null default '[]',
  created_at timestamptz not null default now(),
  deadline timestamptz not null,
  decided_at timestamptz,
  unique (execution_id, node_id)
);
create index approval_waiting on approval (deadline) where status = 'WAITING';
create table approval_activity (
  approval_id text not null references approval (id) on delete cascade,
  user_email text not null,
  user_name text not null,
  action text not null check (action in ('APPROVE', 'REJECT')),
  comments text not null default '',
  at timestamptz not null default now(),
  primary key (approval_id, user_email)
);

-- changeset sluice:0001-work
-- comment: The work queue. Rows are the queue; states are text with a check; the fence only grows.
-- Room in each page: offers and renewals of leases then touch no index. Vacuumed early: who looks for work reads past the dead.
create table attempt (
  id text primary key,
  execution_id text not null references execution (id) on delete cascade,
  node_id text not null,
  project_id bigint not null references project (id) on delete cascade,
  number integer not null,
  type text not null,
  -- Changes something, so that a lost lease makes it unknown instead of queued.
  changing boolean not null,
  -- Attempts with the same key run one after the other.
  instance_key text,
  spec jsonb not null,
  delegate_selectors jsonb not null default '[]',
  state text not null check (state in ('queued', 'accepted', 'started', 'finished', 'unknown')),
  fence bigint not null default 0,
  delegate_id text references delegate (id) on delete set null,
  delegate_instance text,
  run_at timestamptz not null default now(),
  offered_until timestamptz,
  lease_until timestamptz,
  cancel_requested_at timestamptz,
  cancel_reason text,
  cancel_grace_seconds integer,
  event_seq integer not null default 0,
  outcome text check (outcome in ('success', 'failure', 'cancelled', 'unknown')),
  output jsonb,
  fault jsonb,
  reconcile jsonb,
  waiting_reason text,
  created_at timestamptz not null default now(),
  accepted_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
create index attempt_queue on attempt (run_at, id) where state = 'queued';
create index attempt_node on attempt (execution_id, node_id, number);
create unique index attempt_instance_running on attempt (instance_key) where state in ('accepted', 'started');
create index attempt_instance_unknown on attempt (instance_key) where state = 'unknown';
create index attempt_delegate on attempt (delegate_id) where state in ('accepted', 'started');
-- One for each accept. A token of an older fence still says whose it is, so that its holder hears of the newer fence.
create table attempt_token (
  token_hash text primary key,
  attempt_id text not null references attempt (id) on delete cascade,
  expires_at timestamptz not null
);
create index attempt_token_attempt on attempt_token (attempt_id);
create table log_stream (
  attempt_id text not null references attempt (id) on delete cascade,
  stream text not null,
  committed bigint not null default 0,
  -- Size that the finish report named; the stream closes when it is reached.
  expected bigint,
  closed boolean not null default false,
  sha256 text,
  updated_at timestamptz not null default now(),
  primary key (attempt_id, stream)
);
create index log_stream_open on log_stream (updated_at) where not closed;
create table log_chunk (
  attempt_id text not null,
  stream text not null,
  start_offset bigint not null,
  -- Bytes of text; `data` is their gzip.
  size integer not null,
  data bytea not null,
  primary key (attempt_id, stream, start_offset),
  foreign key (attempt_id, stream) references log_stream (attempt_id, stream) on delete cascade
);
create table plan (
  execution_id text not null references execution (id) on delete cascade,
  node_id text not null,
  attempt_id text not null references attempt (id) on delete cascade,
  digest text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  primary key (execution_id, node_id)
);

-- changeset sluice:0001-state
-- comment: What is deployed where, and every event
create table change_set_state (
  db_instance_id bigint not null references db_instance (id) on delete cascade,
  fqn text not null,
  file_name text not null,
  change_set_id text not null,
  author text not null,
  position integer not null,
  status text not null check (status in ('Rolled_Back', 'Successfully_Deployed', 'Not_Deployed', 'Deployment_Failed')),
  error text,
  tag text,
  comment text,
  labels text,
  -- Why the changelog does not want it on this instance (context, label, dbms, ignored), if so.
  filtered_by text,
  execution_id text references execution (id) on delete set null,
  node_id text,
  updated_at timestamptz not null default now(),
  primary key (db_instance_id, fqn)
);
create table deployed_change_set (
  id bigint generated always as identity primary key,
  db_instance_id bigint not null references db_instance (id) on delete cascade,
  execution_id text not null references execution (id) on delete cascade,
  stage_id text not null,
  node_id text not null,
  attempt_id text not null references attempt (id) on delete cascade,
  step_type text not null,
  fqn text not null,
  file_name text not null,
  change_set_id text not null,
  author text not null,
  status text not null check (status in ('IN_PROGRESS', 'SUCCESS', 'FAILURE', 'CANCELLED')),
  tag text,
  comment text,
  labels text,
  sql jsonb not null default '[]',
  error text,
  deployed_at timestamptz not null default now(),
  unique (attempt_id, fqn)
);
create index deployed_change_set_execution on deployed_change_set (execution_id, stage_id);
create table event (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor_type text not null,
  actor_name text not null,
  source_address text,
  -- No foreign key: what happened stays true when the project is gone, and every event would lock its project's row.
  project_id bigint,
  execution_id text,
  type text not null,
  body jsonb not null
);
create index event_execution on event (execution_id, id);

-- changeset sluice:0001-account
insert into account (id) values (substr(md5(random()::text || clock_timestamp()::text), 1, 22));
