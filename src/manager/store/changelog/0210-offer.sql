-- liquibase formatted sql

-- changeset sluice:0210-offer
-- comment: Whether another attempt on the same instance is on offer, and what has to be cancelled, are asked with every look for work
create index attempt_instance_queued on attempt (instance_key) where state = 'queued';
create index attempt_cancel on attempt (delegate_id)
  where state in ('accepted', 'started') and cancel_requested_at is not null;
-- rollback drop index attempt_instance_queued; drop index attempt_cancel;
