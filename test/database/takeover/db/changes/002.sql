--liquibase formatted sql

--changeset carol:audit splitStatements:true labels:big
--comment: audit trail
create table audit_log (id int primary key, what varchar(200));
insert into audit_log (id, what) values (1, 'it''s; fine');
--rollback drop table audit_log;

--changeset carol:only-oracle dbms:oracle
create table nope (id number);

--changeset carol:pre
--preconditions onFail:MARK_RAN
--precondition-sql-check expectedResult:1 select count(*) from audit_log where id = 42
insert into audit_log (id, what) values (2, 'never');
--rollback not required

--changeset carol:each runAlways:true
update audit_log set what = what where id = 1;
--rollback empty
