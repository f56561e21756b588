-- liquibase formatted sql

-- changeset sluice:0502-input-set
-- comment: Values for the runtime inputs of a pipeline, and what a run was started with
create table input_set (
  id bigint generated always as identity primary key,
  project_id bigint not null references project (id) on delete cascade,
  pipeline_id bigint not null references pipeline (id) on delete cascade,
  identifier text not null,
  name text not null,
  description text not null default '',
  tags jsonb not null default '{}',
  yaml text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (pipeline_id, identifier)
);
create index input_set_project on input_set (project_id);
alter table execution add column inputs jsonb not null default '{}';
-- rollback alter table execution drop column inputs;
-- rollback drop table input_set;
