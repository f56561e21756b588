-- liquibase formatted sql

-- changeset sluice:0602-run-starter
-- comment: Runs that were started before they had the rights of somebody have those of whom their record names
update execution set user_id = user_account.id from user_account
  where execution.user_id is null and execution.service_account_id is null and user_account.email = execution.triggered_by;
