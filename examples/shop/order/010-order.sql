-- liquibase formatted sql

-- changeset sara:order-table
-- comment: What a customer buys at once
create table customer_order (
  id ${identity},
  customer_id bigint not null references customer (id),
  status varchar(20) not null default 'open'
    constraint ck_order_status check (status in ('open', 'paid', 'packed', 'sent', 'returned', 'cancelled')),
  currency char(3) not null default '${currency}',
  placed_at timestamp not null default ${now}
);
-- rollback drop table customer_order;

-- changeset sara:order-indexes
create index ix_order_customer on customer_order (customer_id, placed_at);
-- Only orders that somebody still has to work on.
create index ix_order_open on customer_order (placed_at) where status in ('open', 'paid', 'packed');
-- rollback drop index ix_order_open;
-- rollback drop index ix_order_customer;
