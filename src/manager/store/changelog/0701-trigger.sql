-- liquibase formatted sql

-- changeset sluice:0701-trigger
-- comment: What starts pipelines by itself, what was decided about each delivery, and which deliveries were seen
create table pipeline_trigger (
  id bigint generated always as identity primary key,
  project_id bigint not null references project (id) on delete cascade,
  pipeline_id bigint not null references pipeline (id) on delete cascade,
  identifier text not null,
  name text not null,
  description text not null default '',
  tags jsonb not null default '{}',
  yaml text not null,
  -- As it was read at save.
  document jsonb not null,
  kind text not null check (kind in ('Webhook', 'Scheduled')),
  -- Of webhooks: who sends.
  provider text,
  enabled boolean not null,
  -- Whose rights a run has: who saved it last. Both null: that one is no more, and nothing starts.
  user_id bigint references user_account (id) on delete set null,
  service_account_id bigint references scoped_entity (id) on delete set null,
  owner_name text not null,
  -- Of schedules that are enabled.
  next_at timestamptz,
  version integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (pipeline_id, identifier)
);
create index pipeline_trigger_project on pipeline_trigger (project_id);
create index pipeline_trigger_due on pipeline_trigger (next_at) where next_at is not null;
create index pipeline_trigger_provider on pipeline_trigger (provider) where enabled;

create table trigger_event (
  id text primary key,
  -- One delivery may be about several triggers; the sender was answered this.
  delivery text not null,
  -- Null: no trigger of any project was meant.
  project_id bigint references project (id) on delete cascade,
  trigger_id bigint references pipeline_trigger (id) on delete set null,
  pipeline text,
  trigger text,
  source text not null,
  status text not null,
  reason text not null,
  execution_id text,
  -- What was delivered, in a few words: event, branch, commit, sender. No payload.
  summary jsonb not null default '{}',
  received_at timestamptz not null default now()
);
create index trigger_event_project on trigger_event (project_id, received_at);
create index trigger_event_received on trigger_event (received_at);

create table trigger_delivery (
  trigger_id bigint not null references pipeline_trigger (id) on delete cascade,
  key text not null,
  seen_at timestamptz not null default now(),
  primary key (trigger_id, key)
);
create index trigger_delivery_seen on trigger_delivery (seen_at);

-- What the trigger told; not in `state`, which is written with every step.
alter table execution add column trigger jsonb;
alter table execution add column trigger_id bigint references pipeline_trigger (id) on delete set null;
-- Runs of one trigger about the same pull request or branch.
alter table execution add column trigger_subject text;
create index execution_trigger on execution (trigger_id) where trigger_id is not null;
-- rollback alter table execution drop column trigger, drop column trigger_id, drop column trigger_subject;
-- rollback drop table trigger_delivery;
-- rollback drop table trigger_event;
-- rollback drop table pipeline_trigger;
