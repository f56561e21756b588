-- liquibase formatted sql

-- changeset sluice:0520-delegate-pods
-- comment: Steps of a group go to the delegate that has their folder, unless it lies in a cluster
alter table delegate add column pods boolean not null default false;
-- rollback alter table delegate drop column pods;
