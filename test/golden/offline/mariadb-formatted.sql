--  *********************************************************************
--  Update Database Script
--  *********************************************************************
--  Change Log: formatted.sql
--  Ran at: TIME
--  Against: null@offline:mariadb?changeLogFile=n.csv
--  Liquibase version: VERSION
--  *********************************************************************

--  Changeset formatted.sql::1::bob
select 1;

select 2;

--  Changeset formatted.sql::2::bob
begin
 null;
end;

select 3;

--  Changeset formatted.sql::3::bob
create procedure p as select 1;

--  Changeset formatted.sql::4::bob
select 1;

select 2;

