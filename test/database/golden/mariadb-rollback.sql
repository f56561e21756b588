--  Lock Database
UPDATE shop.DATABASECHANGELOGLOCK SET `LOCKED` = 1, LOCKEDBY = 'HOST', LOCKGRANTED = NOW() WHERE ID = 1 AND `LOCKED` = 0;

--  *********************************************************************
--  Rollback 4 Change(s) Script
--  *********************************************************************
--  Change Log: root.yaml
--  Ran at: NOW
--  Against: HERE
--  Liquibase version: VERSION
--  *********************************************************************

--  Rolling Back ChangeSet: root.yaml::5::amy
DELETE FROM shop.DATABASECHANGELOG WHERE ID = '5' AND AUTHOR = 'amy' AND FILENAME = 'root.yaml';

--  Rolling Back ChangeSet: root.yaml::4::amy
DROP INDEX i4 ON shop.t4;

DROP TABLE shop.t4;

DELETE FROM shop.DATABASECHANGELOG WHERE ID = '4' AND AUTHOR = 'amy' AND FILENAME = 'root.yaml';

--  Rolling Back ChangeSet: main.sql::3::bob
DELETE FROM shop.DATABASECHANGELOG WHERE ID = '3' AND AUTHOR = 'bob' AND FILENAME = 'main.sql';

--  Rolling Back ChangeSet: main.sql::2::bob
drop table q2;

drop table q3;

DELETE FROM shop.DATABASECHANGELOG WHERE ID = '2' AND AUTHOR = 'bob' AND FILENAME = 'main.sql';

--  Release Database Lock
UPDATE shop.DATABASECHANGELOGLOCK SET `LOCKED` = 0, LOCKEDBY = NULL, LOCKGRANTED = NULL WHERE ID = 1;

