CREATE TABLE DATABASECHANGELOG (ID nvarchar(255) NOT NULL, AUTHOR nvarchar(255) NOT NULL, FILENAME nvarchar(255) NOT NULL, DATEEXECUTED datetime2(3) NOT NULL, ORDEREXECUTED int NOT NULL, EXECTYPE nvarchar(10) NOT NULL, MD5SUM nvarchar(35), DESCRIPTION nvarchar(255), COMMENTS nvarchar(255), TAG nvarchar(255), LIQUIBASE nvarchar(20), CONTEXTS nvarchar(255), LABELS nvarchar(255), DEPLOYMENT_ID nvarchar(10))
GO

-- *********************************************************************
-- Update Database Script
-- *********************************************************************
-- Change Log: changelog.yaml
-- Ran at: TIME
-- Against: null@offline:mssql?changeLogFile=h.csv&outputLiquibaseSql=all&catalog=shop
-- Liquibase version: VERSION
-- *********************************************************************

USE shop;
GO

-- Changeset changelog.yaml::1::bob
-- first
CREATE TABLE person (id int IDENTITY (1, 1) NOT NULL, name varchar(50), ok bit CONSTRAINT DF_person_ok DEFAULT 1, ts datetime CONSTRAINT DF_person_ts DEFAULT GETDATE(), CONSTRAINT PK_PERSON PRIMARY KEY (id));
GO

IF EXISTS(  SELECT extended_properties.value FROM sys.extended_properties WHERE major_id = OBJECT_ID('dbo.person') AND name = N'MS_DESCRIPTION' AND minor_id = 0 ) BEGIN  EXEC sys.sp_updateextendedproperty @name = N'MS_Description' , @value = N'people' , @level0type = N'SCHEMA' , @level0name = N'dbo' , @level1type = N'TABLE' , @level1name = N'person' END  ELSE  BEGIN  EXEC sys.sp_addextendedproperty @name = N'MS_Description' , @value = N'people' , @level0type = N'SCHEMA' , @level0name = N'dbo' , @level1type = N'TABLE' , @level1name = N'person' END;
GO

INSERT INTO DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('1', 'bob', 'changelog.yaml', GETDATE(), 1, '9:aa50b12ff043e050da98af505003c2f6', 'createTable tableName=person', 'first', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT')
GO

-- Changeset changelog.yaml::2::bob
INSERT INTO person (name, ts) VALUES ('O''R', '2020-01-02 03:04:05');
GO

DECLARE @sql [nvarchar](MAX)
SELECT @sql = N'ALTER TABLE person DROP CONSTRAINT ' + QUOTENAME([df].[name]) FROM [sys].[columns] AS [c] INNER JOIN [sys].[default_constraints] AS [df] ON [df].[object_id] = [c].[default_object_id] WHERE [c].[object_id] = OBJECT_ID(N'person') AND [c].[name] = N'ok'
EXEC sp_executesql @sql;
GO

INSERT INTO DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('2', 'bob', 'changelog.yaml', GETDATE(), 3, '9:e523dfe1a4c81f24cfc6fe3c162ca01c', 'insert tableName=person; dropDefaultValue columnName=ok, tableName=person', '', 'EXECUTED', '(a or b)', 'x,y', 'VERSION', 'DEPLOYMENT')
GO

-- Changeset changelog.yaml::3::bob
create procedure p as
begin
  null;
end;
/;
GO

INSERT INTO DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('3', 'bob', 'changelog.yaml', GETDATE(), 5, '9:3646cb49d7a94eb12694c4de65c5d572', 'createProcedure', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT')
GO

-- Changeset changelog.yaml::4::bob
select 1;
GO

select 2;
GO

select 3;
GO

create or replace procedure p as begin null; end;
/;
GO

begin
 null;
end;
GO

select 4
GO

select 5
GO

select 51
GO

select 5
GO

select 6
GO

INSERT INTO DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('4', 'bob', 'changelog.yaml', GETDATE(), 7, '9:1701cd90a99fcbe8d65f23bf2080e504', 'sql; sqlFile path=p.sql; sql; sql; sql', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT')
GO

-- Changeset changelog.yaml::5::bob
-- WARNING The following SQL may change each run and therefore is possibly incorrect and/or invalid:
INSERT INTO t (a, b, c, d) VALUES ('1', 'x', 'true', '2020-01-02'),('2', NULL, 'false', '2020-01-02T03:04:05');
GO

-- WARNING The following SQL may change each run and therefore is possibly incorrect and/or invalid:
DECLARE @reccount integer
SELECT @reccount = count(*) FROM t WHERE a = '1'
IF @reccount = 0
BEGIN
INSERT INTO t (a, b, c, d) VALUES ('1', 'x', 'true', '2020-01-02');
END
ELSE
BEGIN
UPDATE t SET b = 'x', c = 'true', d = '2020-01-02' WHERE a = '1';
END;
GO

DECLARE @reccount integer
SELECT @reccount = count(*) FROM t WHERE a = '2'
IF @reccount = 0
BEGIN
INSERT INTO t (a, b, c, d) VALUES ('2', NULL, 'false', '2020-01-02T03:04:05');
END
ELSE
BEGIN
UPDATE t SET b = NULL, c = 'false', d = '2020-01-02T03:04:05' WHERE a = '2';
END;
GO

INSERT INTO DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID, TAG) VALUES ('5', 'bob', 'changelog.yaml', GETDATE(), 9, '9:008bcf41fcd00f3c9088bd3598e2dbfd', 'loadData tableName=t; loadUpdateData tableName=t; tagDatabase', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT', 'v1')
GO

-- Changeset changelog.yaml::6::bob
CREATE VIEW v AS select 1 as a;
GO

CREATE NONCLUSTERED INDEX ix ON person(name);
GO

INSERT INTO DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('6', 'bob', 'changelog.yaml', GETDATE(), 11, '9:bc96b171b60d6916d5d7c62a9ae3b1c6', 'createView viewName=v; createIndex indexName=ix, tableName=person', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT')
GO

