-- liquibase formatted sql

-- changeset sluice:0802-notification
-- comment: Who is to be told of what happened in a run; sent until it is there, or given up after many tries
create table notification (
  -- Receivers that know repeated messages are given it.
  id text primary key default gen_random_uuid()::text,
  project_id bigint not null references project (id) on delete cascade,
  execution_id text not null references execution (id) on delete cascade,
  pipeline text not null,
  rule text not null,
  event text not null,
  node_id text,
  status text not null,
  method text not null,
  -- Shown to people: an e-mail address or a group.
  destination text not null,
  -- Address and headers with references to secrets, never their values.
  target jsonb not null,
  -- Reason and fault as they were.
  detail jsonb not null default '{}',
  state text not null default 'open' check (state in ('open', 'done', 'dead')),
  tries integer not null default 0,
  error text,
  next_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index notification_next on notification (next_at) where state = 'open';
create index notification_project on notification (project_id, created_at);
create index notification_execution on notification (execution_id);
-- rollback drop table notification;
