--  Lock Database
UPDATE shop.DATABASECHANGELOGLOCK SET `LOCKED` = 1, LOCKEDBY = 'HOST', LOCKGRANTED = NOW() WHERE ID = 1 AND `LOCKED` = 0;

--  *********************************************************************
--  Update Database Script
--  *********************************************************************
--  Change Log: root.yaml
--  Ran at: NOW
--  Against: HERE
--  Liquibase version: VERSION
--  *********************************************************************

--  Changeset main.sql::3::bob
update person set name = 'y';

UPDATE shop.DATABASECHANGELOG SET COMMENTS = '', CONTEXTS = NULL, DATEEXECUTED = NOW(), DEPLOYMENT_ID = 'DEPLOYMENT', `DESCRIPTION` = 'sql', EXECTYPE = 'RERAN', LABELS = NULL, LIQUIBASE = 'VERSION', MD5SUM = '9:35ad5ce7b280bc94457db16f5cb6ca4b', ORDEREXECUTED = 6 WHERE ID = '3' AND AUTHOR = 'bob' AND FILENAME = 'main.sql';

--  Release Database Lock
UPDATE shop.DATABASECHANGELOGLOCK SET `LOCKED` = 0, LOCKEDBY = NULL, LOCKGRANTED = NULL WHERE ID = 1;

