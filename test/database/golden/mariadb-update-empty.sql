--  Create Database Lock Table
CREATE TABLE shop.DATABASECHANGELOGLOCK (ID INT NOT NULL, `LOCKED` TINYINT(1) NOT NULL, LOCKGRANTED datetime NULL, LOCKEDBY VARCHAR(255) NULL, CONSTRAINT PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID));

--  Initialize Database Lock Table
DELETE FROM shop.DATABASECHANGELOGLOCK;

INSERT INTO shop.DATABASECHANGELOGLOCK (ID, `LOCKED`) VALUES (1, 0);

--  Lock Database
UPDATE shop.DATABASECHANGELOGLOCK SET `LOCKED` = 1, LOCKEDBY = 'HOST', LOCKGRANTED = NOW() WHERE ID = 1 AND `LOCKED` = 0;

--  Create Database Change Log Table
CREATE TABLE shop.DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED datetime NOT NULL, ORDEREXECUTED INT NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35) NULL, `DESCRIPTION` VARCHAR(255) NULL, COMMENTS VARCHAR(255) NULL, TAG VARCHAR(255) NULL, LIQUIBASE VARCHAR(20) NULL, CONTEXTS VARCHAR(255) NULL, LABELS VARCHAR(255) NULL, DEPLOYMENT_ID VARCHAR(10) NULL);

--  *********************************************************************
--  Update Database Script
--  *********************************************************************
--  Change Log: root.yaml
--  Ran at: NOW
--  Against: HERE
--  Liquibase version: VERSION
--  *********************************************************************

--  Changeset main.sql::1::bob
--  my comment
create table person (id int primary key, name varchar(50));

insert into person values (1, 'it''s');

INSERT INTO shop.DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, `DESCRIPTION`, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('1', 'bob', 'main.sql', NOW(), 1, '9:1ffe5a76b595bab270e6b74ea0066531', 'sql', 'my comment', 'EXECUTED', '(x or y)', 'a,b', 'VERSION', 'DEPLOYMENT');

--  Changeset main.sql::2::bob
create table q2 (id int);

create table q3 (id int);

INSERT INTO shop.DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, `DESCRIPTION`, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('2', 'bob', 'main.sql', NOW(), 2, '9:f8efa5ebd0459c92ca74bd3a67b2d264', 'sql', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT');

--  Changeset main.sql::3::bob
update person set name = 'y';

INSERT INTO shop.DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, `DESCRIPTION`, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('3', 'bob', 'main.sql', NOW(), 3, '9:35ad5ce7b280bc94457db16f5cb6ca4b', 'sql', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT');

--  Changeset root.yaml::4::amy
--  two
--  lines
CREATE TABLE shop.t4 (id INT NULL) /* x */;

CREATE INDEX i4 ON shop.t4(id) /* x */;

INSERT INTO shop.DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, `DESCRIPTION`, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('4', 'amy', 'root.yaml', NOW(), 4, '9:31ff5a3ef791267ef193cd87eb4ee593', 'createTable tableName=t4; createIndex indexName=i4, tableName=t4', 'two
lines', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT');

--  Changeset root.yaml::5::amy
INSERT INTO shop.DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, `DESCRIPTION`, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID, TAG) VALUES ('5', 'amy', 'root.yaml', NOW(), 5, '9:635ff1e577e13420abaf0552fb77ab20', 'tagDatabase', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT', 'v1');

--  Release Database Lock
UPDATE shop.DATABASECHANGELOGLOCK SET `LOCKED` = 0, LOCKEDBY = NULL, LOCKGRANTED = NULL WHERE ID = 1;

