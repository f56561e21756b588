-- *********************************************************************
-- Update Database Script
-- *********************************************************************
-- Change Log: formatted.sql
-- Ran at: TIME
-- Against: null@offline:mssql?changeLogFile=n.csv
-- Liquibase version: VERSION
-- *********************************************************************

-- Changeset formatted.sql::1::bob
select 1
GO

select 2
GO

-- Changeset formatted.sql::2::bob
begin
 null;
end;
GO

select 3
GO

-- Changeset formatted.sql::3::bob
create procedure p as select 1;
GO

-- Changeset formatted.sql::4::bob
select 1
GO

select 2
GO

