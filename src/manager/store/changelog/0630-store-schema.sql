-- liquibase formatted sql

-- changeset sluice:0630-store-schema
-- comment: One row: which schema this is, and which programs may work on it. Programs of all later versions read it as it is here
create table store_schema (
  only_one boolean primary key default true check (only_one),
  number integer not null,
  oldest integer not null,
  version text not null
);
