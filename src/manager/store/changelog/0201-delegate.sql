-- liquibase formatted sql

-- changeset sluice:0201-delegate-identity
-- comment: Scope and number of uses of delegate tokens; which process speaks for a delegate; keys that are being replaced
alter table delegate_token
  add column organization_id bigint references organization (id) on delete cascade,
  add column project_id bigint references project (id) on delete cascade,
  -- Delegates that may still join with it; null: any number.
  add column uses_left integer check (uses_left >= 0),
  -- The value before the last rotation, as long as new delegates may still join with it.
  add column previous_hash text unique,
  add column previous_until timestamptz;
alter table delegate
  -- Of its token, copied when it joins: every look for work asks.
  add column organization_id bigint references organization (id) on delete cascade,
  add column project_id bigint references project (id) on delete cascade,
  -- The process that polls; another one with the same key is refused while this one is there.
  add column instance text,
  -- One sentence why it takes nothing now, such as a threshold of its memory.
  add column pressure text,
  add column key_rotation_asked boolean not null default false,
  add column previous_signing_key text unique,
  add column previous_key_until timestamptz;

-- changeset sluice:0201-capability
-- comment: What an attempt needs of the place where it runs, and which delegates found that they cannot give it
alter table attempt add column needs jsonb not null default '[]';
create table attempt_refusal (
  attempt_id text not null references attempt (id) on delete cascade,
  delegate_id text not null references delegate (id) on delete cascade,
  reason text not null,
  -- Until then it is not offered to that delegate again.
  until timestamptz not null,
  primary key (attempt_id, delegate_id)
);
