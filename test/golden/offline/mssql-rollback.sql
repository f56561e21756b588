-- *********************************************************************
-- Rollback 4 Change(s) Script
-- *********************************************************************
-- Change Log: changelog.yaml
-- Ran at: TIME
-- Against: null@offline:mssql?changeLogFile=h.csv&outputLiquibaseSql=all&catalog=shop
-- Liquibase version: VERSION
-- *********************************************************************

USE shop;
GO

-- Rolling Back ChangeSet: changelog.yaml::6::bob
DROP INDEX ix ON person
GO

DROP VIEW v
GO

DELETE FROM DATABASECHANGELOG WHERE ID = '6' AND AUTHOR = 'bob' AND FILENAME = 'changelog.yaml'
GO

-- Rolling Back ChangeSet: changelog.yaml::5::bob
DELETE FROM DATABASECHANGELOG WHERE ID = '5' AND AUTHOR = 'bob' AND FILENAME = 'changelog.yaml'
GO

-- Rolling Back ChangeSet: changelog.yaml::4::bob
DELETE FROM DATABASECHANGELOG WHERE ID = '4' AND AUTHOR = 'bob' AND FILENAME = 'changelog.yaml'
GO

-- Rolling Back ChangeSet: changelog.yaml::3::bob
DROP PROCEDURE p
GO

DELETE FROM DATABASECHANGELOG WHERE ID = '3' AND AUTHOR = 'bob' AND FILENAME = 'changelog.yaml'
GO

