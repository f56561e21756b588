CREATE TABLE databasechangelog (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED datetime NOT NULL, ORDEREXECUTED INT NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35) NULL, `DESCRIPTION` VARCHAR(255) NULL, COMMENTS VARCHAR(255) NULL, TAG VARCHAR(255) NULL, LIQUIBASE VARCHAR(20) NULL, CONTEXTS VARCHAR(255) NULL, LABELS VARCHAR(255) NULL, DEPLOYMENT_ID VARCHAR(10) NULL);

--  *********************************************************************
--  Update Database Script
--  *********************************************************************
--  Change Log: changelog.yaml
--  Ran at: TIME
--  Against: null@offline:mariadb?changeLogFile=h.csv&outputLiquibaseSql=all
--  Liquibase version: VERSION
--  *********************************************************************

--  Changeset changelog.yaml::1::bob
--  first
CREATE TABLE person (id INT AUTO_INCREMENT NOT NULL, name VARCHAR(50) NULL, ok TINYINT(1) DEFAULT 1 NULL, ts datetime DEFAULT NOW() NULL, CONSTRAINT PK_PERSON PRIMARY KEY (id)) COMMENT='people';

INSERT INTO databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, `DESCRIPTION`, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('1', 'bob', 'changelog.yaml', NOW(), 1, '9:aa50b12ff043e050da98af505003c2f6', 'createTable tableName=person', 'first', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT');

--  Changeset changelog.yaml::2::bob
INSERT INTO person (name, ts) VALUES ('O''R', '2020-01-02 03:04:05');

ALTER TABLE person ALTER ok DROP DEFAULT;

INSERT INTO databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, `DESCRIPTION`, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('2', 'bob', 'changelog.yaml', NOW(), 3, '9:e523dfe1a4c81f24cfc6fe3c162ca01c', 'insert tableName=person; dropDefaultValue columnName=ok, tableName=person', '', 'EXECUTED', '(a or b)', 'x,y', 'VERSION', 'DEPLOYMENT');

--  Changeset changelog.yaml::3::bob
create procedure p as
begin
  null;
end;
/;

INSERT INTO databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, `DESCRIPTION`, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('3', 'bob', 'changelog.yaml', NOW(), 5, '9:3646cb49d7a94eb12694c4de65c5d572', 'createProcedure', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT');

--  Changeset changelog.yaml::4::bob
select 1;

select 2;

select 3;

create or replace procedure p as begin null; end;
/;

begin
 null;
end;

select 4;

select 5;

select 51;

select 5;

select 6;

INSERT INTO databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, `DESCRIPTION`, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('4', 'bob', 'changelog.yaml', NOW(), 7, '9:1701cd90a99fcbe8d65f23bf2080e504', 'sql; sqlFile path=p.sql; sql; sql; sql', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT');

--  Changeset changelog.yaml::5::bob
--  WARNING The following SQL may change each run and therefore is possibly incorrect and/or invalid:
INSERT INTO t (a, b, c, d) VALUES ('1', 'x', 'true', '2020-01-02'),('2', NULL, 'false', '2020-01-02T03:04:05');

--  WARNING The following SQL may change each run and therefore is possibly incorrect and/or invalid:
INSERT INTO t (a, b, c, d) VALUES ('1', 'x', 'true', '2020-01-02')
ON DUPLICATE KEY UPDATE b = 'x',c = 'true',d = '2020-01-02';

INSERT INTO t (a, b, c, d) VALUES ('2', NULL, 'false', '2020-01-02T03:04:05')
ON DUPLICATE KEY UPDATE b = null,c = 'false',d = '2020-01-02T03:04:05';

INSERT INTO databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, `DESCRIPTION`, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID, TAG) VALUES ('5', 'bob', 'changelog.yaml', NOW(), 9, '9:008bcf41fcd00f3c9088bd3598e2dbfd', 'loadData tableName=t; loadUpdateData tableName=t; tagDatabase', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT', 'v1');

--  Changeset changelog.yaml::6::bob
CREATE VIEW v AS select 1 as a;

CREATE INDEX ix ON person(name);

INSERT INTO databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, `DESCRIPTION`, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('6', 'bob', 'changelog.yaml', NOW(), 11, '9:bc96b171b60d6916d5d7c62a9ae3b1c6', 'createView viewName=v; createIndex indexName=ix, tableName=person', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT');

