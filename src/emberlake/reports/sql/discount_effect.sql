/*
topic: sales
title: Effect of discounts
question: Do orders with deeper discounts hold more goods, and do they bring new customers?
notes: >-
  A comparison, not a cause: who gets a coupon may buy differently anyway. An experiment with random groups
  answers whether the discount did it.
parameters:
  since: {type: date, default: null, meaning: "First day counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day counted; none: the last in the data."}
reads:
  order_features: [discount, items_amount]
columns:
  depth: ["", "Discount as part of the basket's value."]
  orders: ["", "Orders with it."]
  share: [share, "Part of all orders."]
  coupon_rate: [share, "Orders with a coupon, as part of these orders."]
  average_basket: [EUR, "Value of the basket before the discount."]
  average_paid: [EUR, "What the customer paid, with delivery."]
  units_per_order: [pieces, "Pieces an order; null for a shop without lines."]
  new_customer_rate: [share, "First orders as part of these orders."]
  discount: [EUR, "Given in all."]
plot: {kind: bar, x: depth, y: [average_basket, average_paid]}
*/
with bands as (
  select
    case
      when coalesce(discount, 0) <= 0 then 1
      when discount * 20 <= items_amount then 2
      when discount * 10 <= items_amount then 3
      when discount * 5 <= items_amount then 4
      else 5
    end as band,
    count(*) as orders,
    count_if(has_coupon) as coupons,
    sum(items_amount) as items_amount,
    sum(amount) as amount,
    sum(units) as units,
    count(units) as orders_with_lines,
    count_if(order_number = 1) as first_orders,
    sum(coalesce(discount, cast(0 as decimal(12, 2)))) as discount
  from order_features
  where items_amount is not null
    and (:since is null or ordered_at >= cast(:since as timestamp))
    and (:until is null or ordered_at < cast(date_add(cast(:until as date), 1) as timestamp))
  group by 1
)
select
  case band
    when 1 then 'none' when 2 then 'up to 5 %' when 3 then '5 to 10 %' when 4 then '10 to 20 %' else 'over 20 %'
  end as depth,
  orders,
  cast(orders as double) / cast(sum(orders) over () as double) as share,
  cast(coupons as double) / cast(orders as double) as coupon_rate,
  cast(items_amount as double) / cast(orders as double) as average_basket,
  cast(amount as double) / cast(orders as double) as average_paid,
  cast(units as double) / nullif(cast(orders_with_lines as double), 0) as units_per_order,
  cast(first_orders as double) / cast(orders as double) as new_customer_rate,
  discount
from bands
order by band
