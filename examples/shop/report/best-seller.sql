-- liquibase formatted sql

-- changeset ines:best-seller-view runOnChange:true
-- comment: Edited in place: it runs again when its text changes
drop view if exists best_seller;
create view best_seller as
select product.sku, product.name, sum(order_line.quantity) as sold
  from order_line join product on product.id = order_line.product_id
 group by product.sku, product.name;
-- rollback drop view best_seller;
