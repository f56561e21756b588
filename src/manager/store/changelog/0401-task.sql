-- liquibase formatted sql

-- changeset sluice:0401-task
-- comment: Work that somebody asks for outside of a run. Its attempt has the same id, and says how it stands.
alter table attempt alter column execution_id drop not null;
create table task (
  id text primary key references attempt (id) on delete cascade,
  project_id bigint not null references project (id) on delete cascade,
  kind text not null check (kind in ('connection-test', 'preview', 'snapshot', 'diff', 'sync')),
  connector text,
  db_schema text,
  db_instance text,
  -- Of a diff: the instance, or the task whose snapshot, it compares with.
  reference text,
  asked_by text not null,
  asked_by_name text not null,
  -- When it expires, whoever has it.
  deadline timestamptz not null,
  plan jsonb,
  created_at timestamptz not null default now()
);
create index task_project on task (project_id, created_at desc);
create index task_created on task (created_at);
create index task_instance on task (project_id, db_schema, db_instance, created_at desc);
create index attempt_task_queued on attempt (id) where execution_id is null and state = 'queued';

-- changeset sluice:0401-snapshot
-- comment: What was in a database when a task looked. Complete when the last of its objects has come.
create table snapshot (
  task_id text primary key references task (id) on delete cascade,
  db_instance_id bigint not null references db_instance (id) on delete cascade,
  objects integer not null default 0,
  complete boolean not null default false,
  created_at timestamptz not null default now()
);
create index snapshot_instance on snapshot (db_instance_id, created_at desc);
create table snapshot_object (
  task_id text not null references snapshot (task_id) on delete cascade,
  type text not null,
  name text not null,
  value jsonb not null,
  primary key (task_id, type, name)
);

-- changeset sluice:0401-definition
-- comment: Change sets as they stood in their files when they were deployed
alter table deployed_change_set add column definition text;
