-- liquibase formatted sql

-- changeset sluice:0202-stream-digest
-- comment: Whether the bytes of a stream are those that its step meant: null until somebody has looked
alter table log_stream add column verified boolean;
create index log_stream_unverified on log_stream (updated_at)
  where verified is null and closed and sha256 is not null;
