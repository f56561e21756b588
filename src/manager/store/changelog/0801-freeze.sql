-- liquibase formatted sql

-- changeset sluice:0801-freeze
-- comment: Times in which pipelines do not start; which of them a run may pass over, and why
create table freeze_window (
  id bigint generated always as identity primary key,
  -- Both null: the account. A project always with its organization.
  organization_id bigint references organization (id) on delete cascade,
  project_id bigint references project (id) on delete cascade,
  identifier text not null,
  name text not null,
  description text not null default '',
  tags jsonb not null default '{}',
  yaml text not null,
  -- As it was read at save.
  document jsonb not null,
  enabled boolean not null,
  version integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (organization_id, project_id, identifier)
);
-- {"reason": text, "freezes": [id]}
alter table execution add column freeze_override jsonb;
-- rollback alter table execution drop column freeze_override;
-- rollback drop table freeze_window;
