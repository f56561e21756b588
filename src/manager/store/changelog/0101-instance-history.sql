-- liquibase formatted sql

-- changeset sluice:0101-instance-history
-- comment: What ran on an instance is asked for one change set, and goes with its instance
create index deployed_change_set_instance on deployed_change_set (db_instance_id, fqn);
