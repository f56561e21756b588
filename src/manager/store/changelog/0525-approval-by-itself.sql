-- liquibase formatted sql

-- changeset sluice:0525-approval-by-itself
-- comment: When an approval is given by itself, what it then says, and the name that callers know an approval by
alter table approval add column auto_approve_at timestamptz;
alter table approval add column auto_comments text not null default '';
alter table approval add column callback_id text;
create index approval_by_itself on approval (auto_approve_at) where auto_approve_at is not null and status = 'WAITING';
-- rollback drop index approval_by_itself;
-- rollback alter table approval drop column callback_id;
-- rollback alter table approval drop column auto_comments;
-- rollback alter table approval drop column auto_approve_at;
