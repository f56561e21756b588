-- liquibase formatted sql

-- changeset sluice:0301-connector-scope
-- comment: Connectors of an organization and of the account: both owners null is the account
alter table connector alter column project_id drop not null;
alter table connector add column organization_id bigint references organization (id) on delete cascade;
alter table connector add constraint connector_one_owner check (project_id is null or organization_id is null);
alter table connector drop constraint connector_project_id_identifier_key;
alter table connector add constraint connector_identifier unique nulls not distinct (project_id, organization_id, identifier);

-- changeset sluice:0301-secret-scope
-- comment: Secrets of an organization and of the account, secret files, and references into other secret managers
alter table secret alter column project_id drop not null;
alter table secret add column organization_id bigint references organization (id) on delete cascade;
alter table secret add constraint secret_one_owner check (project_id is null or organization_id is null);
alter table secret drop constraint secret_project_id_identifier_key;
alter table secret add constraint secret_identifier unique nulls not distinct (project_id, organization_id, identifier);
alter table secret add column type text not null default 'SecretText' check (type in ('SecretText', 'SecretFile'));
-- Where the value is in another secret manager; then there is no ciphertext.
alter table secret add column reference text;
alter table secret add column file_name text;
alter table secret alter column ciphertext drop not null;
alter table secret add constraint secret_has_value check ((reference is null) <> (ciphertext is null));

-- changeset sluice:0301-image-override
-- comment: Images that replace the default ones in pods of the whole account
create table image_override (
  -- database: steps on databases · helper: the programs beside them · pin: set by the account setting, weaker than database
  area text not null check (area in ('database', 'helper', 'pin')),
  field text not null,
  image text not null,
  updated_at timestamptz not null default now(),
  primary key (area, field)
);
