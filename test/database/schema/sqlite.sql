create table customer (
  id integer primary key autoincrement,
  name varchar(20) not null default 'it''s',
  email text collate nocase constraint uq_email unique,
  amount numeric(5,2) default 1.5 constraint positive check (amount > 0),
  born date default '2020-01-31',
  created timestamp default current_timestamp, -- when, not who
  doubled int generated always as (amount * 2) stored,
  flag boolean default 1
);
create table "Order Line" (
  order_id int,
  pos int,
  customer_id int constraint fk_customer references customer (id) on delete cascade deferrable initially deferred,
  constraint pk_line primary key (order_id, pos),
  constraint uq_line unique (pos, customer_id),
  check (pos > 0 and pos <> 13)
);
create index ix_line on "Order Line" (customer_id desc);
create unique index ux_part on customer (name) where amount > 3;
create index ix_lower on customer (lower(name));
create table word (k text primary key, v blob) without rowid;
create view names as select id, name from customer;
create view renamed (a) as select id from names;
create trigger no_empty after insert on customer begin select 1; end;
