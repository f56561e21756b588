--liquibase formatted sql
--changeset bob:1 endDelimiter://
select 1//
select 2//
--rollback select 9//
--changeset bob:2 endDelimiter:/
begin
 null;
end;
/
select 3
/
--rollback begin null; end;
--changeset bob:3 splitStatements:false
create procedure p as select 1;
--rollback drop procedure p;
--changeset bob:4 endDelimiter:GO
select 1
GO
select 2
GO
--rollback drop procedure p;
