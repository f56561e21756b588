-- liquibase formatted sql

-- changeset sluice:0610-delete-permission
-- comment: Deleting has permissions of its own; custom roles may go on doing what they could
update scoped_entity set body = jsonb_set(body, '{permissions}', (body -> 'permissions') || '["connector.delete"]')
where kind = 'role' and body -> 'permissions' @> '["connector.edit"]';
update scoped_entity set body = jsonb_set(body, '{permissions}', (body -> 'permissions') || '["secret.delete"]')
where kind = 'role' and body -> 'permissions' @> '["secret.edit"]';
update scoped_entity set body = jsonb_set(body, '{permissions}', (body -> 'permissions') || '["pipeline.delete"]')
where kind = 'role' and body -> 'permissions' @> '["pipeline.edit"]';
update scoped_entity set body = jsonb_set(body, '{permissions}', (body -> 'permissions') || '["delegate.delete"]')
where kind = 'role' and body -> 'permissions' @> '["delegate.edit"]';
