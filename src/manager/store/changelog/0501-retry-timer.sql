-- liquibase formatted sql

-- changeset sluice:0501-retry-timer
-- comment: A step that a failure strategy tries again waits for its time
alter table execution_timer drop constraint execution_timer_kind_check;
alter table execution_timer add constraint execution_timer_kind_check
  check (kind in ('timeout', 'wait', 'intervention', 'retry'));
-- rollback alter table execution_timer drop constraint execution_timer_kind_check;
-- rollback alter table execution_timer add constraint execution_timer_kind_check check (kind in ('timeout', 'wait', 'intervention'));
