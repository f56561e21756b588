-- liquibase formatted sql

-- changeset sluice:0601-scoped-entity
-- comment: What lives in the account, an organization or a project and has a form of its own in `body`
create table scoped_entity (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('environment', 'service', 'role', 'resource-group', 'user-group', 'service-account')),
  -- Both null: the account. A project always with its organization.
  organization_id bigint references organization (id) on delete cascade,
  project_id bigint references project (id) on delete cascade,
  identifier text not null,
  name text not null,
  description text not null default '',
  tags jsonb not null default '{}',
  body jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (kind, organization_id, project_id, identifier)
);
create table user_group_member (
  group_id bigint not null references scoped_entity (id) on delete cascade,
  user_id bigint not null references user_account (id) on delete cascade,
  primary key (group_id, user_id)
);
create index user_group_member_user on user_group_member (user_id);
create table role_assignment (
  id bigint generated always as identity primary key,
  organization_id bigint references organization (id) on delete cascade,
  project_id bigint references project (id) on delete cascade,
  identifier text not null,
  -- Exactly one of the three.
  user_id bigint references user_account (id) on delete cascade,
  group_id bigint references scoped_entity (id) on delete cascade,
  service_account_id bigint references scoped_entity (id) on delete cascade,
  -- One of each two: an own one, or the name of a built-in one.
  role_id bigint references scoped_entity (id) on delete cascade,
  built_in_role text,
  resource_group_id bigint references scoped_entity (id) on delete cascade,
  built_in_resource_group text,
  disabled boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (organization_id, project_id, identifier),
  check (num_nonnulls(user_id, group_id, service_account_id) = 1),
  check (num_nonnulls(role_id, built_in_role) = 1),
  check (num_nonnulls(resource_group_id, built_in_resource_group) = 1)
);
create index role_assignment_user on role_assignment (user_id);
create index role_assignment_group on role_assignment (group_id);
create index role_assignment_service_account on role_assignment (service_account_id);

-- changeset sluice:0601-access-token
-- comment: API keys of users and service accounts hold tokens; only their hashes are here
create table access_key (
  id bigint generated always as identity primary key,
  user_id bigint references user_account (id) on delete cascade,
  service_account_id bigint references scoped_entity (id) on delete cascade,
  identifier text not null,
  name text not null,
  description text not null default '',
  tags jsonb not null default '{}',
  default_expiry_milliseconds bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (user_id, service_account_id, identifier),
  check (num_nonnulls(user_id, service_account_id) = 1)
);
create table access_token (
  id bigint generated always as identity primary key,
  key_id bigint not null references access_key (id) on delete cascade,
  identifier text not null,
  name text not null,
  description text not null default '',
  tags jsonb not null default '{}',
  token_hash text not null unique,
  -- After a rotation the token before it may go on for a while.
  previous_hash text unique,
  previous_until timestamptz,
  valid_from timestamptz not null default now(),
  valid_to timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (key_id, identifier)
);

-- changeset sluice:0601-sign-in
-- comment: Sign-in over several replicas: tries that are counted together, and what an OpenID Connect sign-in must remember
create table sign_in_try (
  -- A hash of what is limited: the address of somebody, or of a network.
  key_hash text primary key,
  tries integer not null,
  started_at timestamptz not null
);
create table sign_in_request (
  state_hash text primary key,
  nonce text not null,
  code_verifier text not null,
  return_to text not null,
  expires_at timestamptz not null
);
create table user_identity (
  issuer text not null,
  subject text not null,
  user_id bigint not null references user_account (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (issuer, subject)
);

-- changeset sluice:0601-setting
-- comment: Settings that differ from their default, per scope; and answers to calls that were made with an idempotency key
create table setting (
  id bigint generated always as identity primary key,
  organization_id bigint references organization (id) on delete cascade,
  project_id bigint references project (id) on delete cascade,
  identifier text not null,
  value text not null,
  allow_overrides boolean not null default true,
  updated_at timestamptz not null default now(),
  unique nulls not distinct (organization_id, project_id, identifier)
);
create table idempotent_call (
  principal text not null,
  key text not null,
  -- Endpoint, path, query and body: the same key with another call is a mistake.
  digest text not null,
  -- Null while it is answered, and for ever when the process died meanwhile.
  reply jsonb,
  created_at timestamptz not null default now(),
  primary key (principal, key)
);
create index idempotent_call_age on idempotent_call (created_at);

-- changeset sluice:0601-audit
-- comment: The audit trail as a chain of hashes. What happened is noted in the transaction that did it and linked a moment later.
create table audit_pending (
  event_id bigint primary key references event (id) on delete cascade
);
create table audit_entry (
  sequence bigint primary key,
  -- The text that is hashed, as it was; never taken apart and put together again.
  entry text not null,
  hash text not null,
  -- Of the last entry of each batch, with the key of the installation.
  signature text
);

-- changeset sluice:0601-principal
-- comment: Whose rights a run has: a user or a service account. Null once they are gone, and then it may do nothing.
alter table execution add column user_id bigint references user_account (id) on delete set null;
alter table execution add column service_account_id bigint references scoped_entity (id) on delete set null;
