-- Every active product gets a first delivery: the cheaper, the more of it.
insert into stock (warehouse_code, product_id, quantity)
select 'leipzig', id, case when price < 10 then 200 when price < 50 then 60 else 12 end
  from product
 where active;

-- Rotterdam only keeps what sells most.
insert into stock (warehouse_code, product_id, quantity)
select 'rotterdam', id, 40
  from product
 where active and category_code in ('coffee', 'tea');
