-- liquibase formatted sql

-- changeset ines:revenue-view-postgresql dbms:postgresql
create view revenue_by_month as
select to_char(received_at, 'YYYY-MM') as month, currency, sum(amount) as revenue
  from payment
 where received_at is not null
 group by to_char(received_at, 'YYYY-MM'), currency;
-- rollback drop view revenue_by_month;

-- changeset ines:revenue-view-sqlite dbms:sqlite
create view revenue_by_month as
select strftime('%Y-%m', received_at) as month, currency, sum(amount) as revenue
  from payment
 where received_at is not null
 group by strftime('%Y-%m', received_at), currency;
-- rollback drop view revenue_by_month;
