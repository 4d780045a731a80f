/*
topic: sales
title: Basket size
question: How many pieces are in a basket, and what are the large ones worth?
parameters:
  since: {type: date, default: null, meaning: "First day counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day counted; none: the last in the data."}
  most_units: {type: int, default: 12, minimum: 1, meaning: "Baskets with this many pieces or more share the last row."}
reads:
  order_features: [units]
columns:
  units: [pieces, "Pieces in the basket; the last row holds the larger ones too."]
  orders: ["", "Orders with so many."]
  share: [share, "Part of all orders."]
  revenue: [EUR, "Their amounts."]
  revenue_share: [share, "Part of all revenue."]
  average_order_value: [EUR, "Revenue an order."]
plot: {kind: bar, x: units, y: [share, revenue_share]}
*/
with sizes as (
  select least(units, :most_units) as units, count(*) as orders, sum(amount) as revenue
  from order_features
  where units is not null
    and (:since is null or ordered_at >= cast(:since as timestamp))
    and (:until is null or ordered_at < cast(date_add(cast(:until as date), 1) as timestamp))
  group by least(units, :most_units)
)
select
  units,
  orders,
  cast(orders as double) / cast(sum(orders) over () as double) as share,
  revenue,
  cast(revenue as double) / nullif(cast(sum(revenue) over () as double), 0) as revenue_share,
  cast(revenue as double) / cast(orders as double) as average_order_value
from sizes
order by units
