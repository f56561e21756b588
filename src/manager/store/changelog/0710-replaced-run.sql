-- liquibase formatted sql

-- changeset sluice:0710-replaced-run
-- comment: Runs that a newer run of their trigger replaces; written with the start of that one, and taken away once they are being ended
create table replaced_run (
  -- No foreign key: the start of a run waits for no other run's lock.
  execution_id text primary key,
  -- The identifier of the trigger.
  replaced_by text not null
);
-- rollback drop table replaced_run;
