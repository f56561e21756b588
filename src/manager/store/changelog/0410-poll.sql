-- liquibase formatted sql

-- changeset sluice:0410-poll
-- comment: Of several polls of one delegate only the newest is told of work: nobody hears the answer to one that its sender gave up
alter table delegate add column poll text;
-- rollback alter table delegate drop column poll;
