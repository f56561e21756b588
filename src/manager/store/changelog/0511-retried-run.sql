-- liquibase formatted sql

-- changeset sluice:0511-retried-run
-- comment: Which run a run goes on from; null when that was deleted, or when it began at the beginning
alter table execution add column retried_from text references execution (id) on delete set null;
create index execution_retried_from on execution (retried_from) where retried_from is not null;
-- rollback drop index execution_retried_from;
-- rollback alter table execution drop column retried_from;
