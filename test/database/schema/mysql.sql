create function twice(a int) returns int deterministic begin return a * 2; end;
create table customer (
  id bigint auto_increment primary key comment 'the key; it''s one',
  name varchar(50) not null,
  email varchar(100),
  born date default '2020-01-31',
  feeling enum('sad', 'it''s fine') default 'sad',
  amount decimal(10,2) default 0.00,
  flag tinyint(1) default 1,
  bits bit(3) default b'101',
  created timestamp default current_timestamp on update current_timestamp,
  updated datetime(3) default current_timestamp(3),
  opens time, data json default (json_object('a', 1)), made varchar(40) default (concat('it''s ', uuid())), code char(3) default 'a''b', note text default ('none'), picture longblob, big bigint unsigned, ratio double default 1.5,
  since year, small smallint(5) unsigned zerofill, sorted varchar(20) character set utf8mb4 collate utf8mb4_bin,
  secret int invisible, place point srid 4326,
  constraint uq_email unique (email),
  constraint amount_positive check (amount >= 0)
) comment 'people who buy';
create table orders (
  id int auto_increment primary key,
  customer_id bigint not null,
  no int default (40 + 2),
  placed datetime not null default '2020-01-01 00:00:00',
  total decimal(10,0) default null,
  gross decimal(11,0) generated always as (total * 2) stored,
  constraint fk_customer foreign key (customer_id) references customer (id) on delete cascade on update restrict
);
create index ix_orders_customer on orders (customer_id desc, no);
create unique index ux_orders_no on orders (no, placed desc);
create fulltext index ft_note on customer (note);
create index ix_prefix on customer (name(10));
create table `Order Line` (
  order_id int,
  pos int,
  `Mixed Case` varchar(10),
  qty int default 1,
  constraint primary key (order_id, pos),
  constraint uq_two unique (pos, qty),
  constraint fk_order foreign key (order_id) references orders (id)
);
create table hen (id int primary key, egg int);
create table egg (id int primary key, hen int, constraint fk_hen foreign key (hen) references hen (id));
alter table hen add constraint fk_egg foreign key (egg) references egg (id);
create view z_orders as select id, total from orders where total > 100;
create view a_view_on_a_view as select id from z_orders;
create table part (id int not null, y int not null, primary key (id, y))
  partition by range (y) (partition p0 values less than (2000), partition p1 values less than maxvalue);
create table scratch (a int) engine=MyISAM default charset=utf8mb4;
create procedure empty_orders(in top int, out n int) begin delete from orders where id < top; set n = row_count(); end;
create trigger before_orders before insert on orders for each row begin set new.total = 0; set new.no = 1; end;
