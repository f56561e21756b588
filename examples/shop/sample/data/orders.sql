-- One order for every fifth invented customer, with three products each.
insert into customer_order (customer_id, status)
select id, case when id % 2 = 0 then 'paid' else 'open' end
  from customer
 where email like '%@example.com' and id % 5 = 0;

insert into order_line (order_id, line, product_id, quantity, unit_price)
select customer_order.id, number.line, product.id, 1 + customer_order.id % 3, product.price
  from customer_order
 cross join (select 1 as line union all select 2 union all select 3) number
  join product on product.id = 1 + (customer_order.id * 7 + number.line * 11) % 100;

insert into payment (order_id, method, amount, received_at)
select customer_order.id, 'card', order_total.total, customer_order.placed_at
  from customer_order join order_total on order_total.order_id = customer_order.id
 where customer_order.status = 'paid';
