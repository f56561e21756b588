--  *********************************************************************
--  Rollback 4 Change(s) Script
--  *********************************************************************
--  Change Log: changelog.yaml
--  Ran at: TIME
--  Against: null@offline:mysql?changeLogFile=h.csv&outputLiquibaseSql=all
--  Liquibase version: VERSION
--  *********************************************************************

--  Rolling Back ChangeSet: changelog.yaml::6::bob
DROP INDEX ix ON person;

DROP VIEW v;

DELETE FROM databasechangelog WHERE ID = '6' AND AUTHOR = 'bob' AND FILENAME = 'changelog.yaml';

--  Rolling Back ChangeSet: changelog.yaml::5::bob
DELETE FROM databasechangelog WHERE ID = '5' AND AUTHOR = 'bob' AND FILENAME = 'changelog.yaml';

--  Rolling Back ChangeSet: changelog.yaml::4::bob
DELETE FROM databasechangelog WHERE ID = '4' AND AUTHOR = 'bob' AND FILENAME = 'changelog.yaml';

--  Rolling Back ChangeSet: changelog.yaml::3::bob
DROP PROCEDURE p;

DELETE FROM databasechangelog WHERE ID = '3' AND AUTHOR = 'bob' AND FILENAME = 'changelog.yaml';

