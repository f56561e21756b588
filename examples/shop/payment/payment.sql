-- liquibase formatted sql

-- changeset ines:payment-table
create table payment (
  id ${identity},
  order_id bigint not null references customer_order (id),
  method varchar(20) not null,
  amount decimal(12, 2) not null,
  currency char(3) not null default '${currency}',
  received_at timestamp
);
-- rollback drop table payment;

-- changeset ines:payment-order-index
create index ix_payment_order on payment (order_id);
-- rollback drop index ix_payment_order;

-- changeset ines:payment-method-table
create table payment_method (
  code varchar(20) primary key,
  title varchar(60) not null
);
insert into payment_method (code, title) values ('card', 'Credit or debit card');
insert into payment_method (code, title) values ('transfer', 'Bank transfer; the order waits for it');
insert into payment_method (code, title) values ('voucher', 'Gift voucher');
-- rollback drop table payment_method;

-- changeset ines:payment-method-key dbms:postgresql
-- comment: Checked in two steps, so that a large table is not locked while it is read
alter table payment add constraint fk_payment_method foreign key (method) references payment_method (code) not valid;
alter table payment validate constraint fk_payment_method;
-- rollback alter table payment drop constraint fk_payment_method;

-- changeset ines:payment-received-index dbms:postgresql runInTransaction:false
-- comment: Built beside running work, which no transaction allows
create index concurrently ix_payment_received on payment (received_at);
-- rollback drop index concurrently ix_payment_received;
