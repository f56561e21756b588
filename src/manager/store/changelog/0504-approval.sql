-- liquibase formatted sql

-- changeset sluice:0504-approval
-- comment: Who may not decide, what approvers are asked for and gave, and whether an approval rejects older ones
alter table approval add column disallowed_users jsonb not null default '[]';
alter table approval add column inputs jsonb not null default '[]';
alter table approval add column given_inputs jsonb not null default '{}';
alter table approval add column rejects_older boolean not null default false;
-- Approved meanwhile at the same step of a newer run: it is rejected by the timer.
alter table approval add column superseded_by text;
create index approval_superseded on approval (id) where superseded_by is not null and status = 'WAITING';
-- rollback drop index approval_superseded;
-- rollback alter table approval drop column superseded_by;
-- rollback alter table approval drop column rejects_older;
-- rollback alter table approval drop column given_inputs;
-- rollback alter table approval drop column inputs;
-- rollback alter table approval drop column disallowed_users;
