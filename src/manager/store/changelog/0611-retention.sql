-- liquibase formatted sql

-- changeset sluice:0611-retention
-- comment: What is kept no longer is found by when it ended, and goes without a look at every row that could refer to it
create index execution_ended on execution (ended_at) where ended_at is not null;
create index change_set_state_execution on change_set_state (execution_id);
create index plan_attempt on plan (attempt_id);
