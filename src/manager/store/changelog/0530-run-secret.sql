-- liquibase formatted sql

-- changeset sluice:0530-run-secret
-- comment: Secret outputs of steps: each in an envelope of its own, as the secrets of the built-in store
create table run_secret (
  id bigint generated always as identity primary key,
  execution_id text not null references execution (id) on delete cascade,
  node_id text not null,
  name text not null,
  ciphertext text not null,
  unique (execution_id, node_id, name)
);
-- rollback drop table run_secret;
