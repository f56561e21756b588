-- liquibase formatted sql

-- changeset sluice:0503-resource-hold
-- comment: What only one run has at a time, and who waits for it in which order
create table resource_hold (
  id bigint generated always as identity primary key,
  project_id bigint not null references project (id) on delete cascade,
  execution_id text not null references execution (id) on delete cascade,
  -- The stage or Queue step that asked.
  node_id text not null,
  resource text not null,
  -- As people know it: shop/shop_dev, or the key of a queue.
  name text not null,
  held_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  unique (execution_id, node_id, resource)
);
create index resource_hold_line on resource_hold (resource, id);
create index resource_hold_waiting on resource_hold (id) where held_at is null;
-- rollback drop table resource_hold;
