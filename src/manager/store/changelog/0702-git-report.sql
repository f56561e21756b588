-- liquibase formatted sql

-- changeset sluice:0702-git-report
-- comment: What Git hosts are to be told of runs that triggers started; sent until it is there, or given up after many tries
create table git_report (
  id bigint generated always as identity primary key,
  project_id bigint not null references project (id) on delete cascade,
  -- One row for each commit status and each comment.
  target text not null unique,
  kind text not null check (kind in ('status', 'comment')),
  execution_id text not null references execution (id) on delete cascade,
  provider text not null,
  connector text not null,
  repository text not null,
  commit text not null,
  pull_request integer,
  state text not null default 'open' check (state in ('open', 'done', 'dead')),
  -- Of comments: what the host calls it.
  remote_id text,
  -- SHA-256 of what was sent last.
  sent_digest text,
  tries integer not null default 0,
  error text,
  next_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index git_report_next on git_report (next_at) where state = 'open';
create index git_report_execution on git_report (execution_id);
-- rollback drop table git_report;
