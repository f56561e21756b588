-- liquibase formatted sql

-- changeset sara:order-total-function dbms:postgresql splitStatements:false runOnChange:true
-- comment: What an order costs; the text is one statement, its semicolons included
create or replace function order_total(wanted bigint) returns numeric
language plpgsql stable as $$
declare
  total numeric;
begin
  select coalesce(sum(quantity * unit_price), 0)
    into total
    from order_line
   where order_id = wanted;
  return total;
end;
$$;
-- rollback drop function order_total(bigint);

-- changeset sara:order-total-view
-- comment: The same for every order, on every database
create view order_total as
select customer_order.id as order_id,
       coalesce(sum(order_line.quantity * order_line.unit_price), 0) as total,
       count(order_line.line) as lines
  from customer_order
  left join order_line on order_line.order_id = customer_order.id
 group by customer_order.id;
-- rollback drop view order_total;
