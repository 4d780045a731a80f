/*
topic: customers
title: Top customers
question: Who are the customers worth most, and how much of the shop hangs on them?
parameters:
  country: {type: text, default: null, meaning: "Only customers of this country, such as DE; none: all."}
  top: {type: int, default: 20, minimum: 1, meaning: "How many customers are shown."}
reads:
  customer_360: [last_ordered_at]
columns:
  rank: ["", "1 for the customer with the highest revenue; equals share a rank."]
  user_id: ["", "The customer."]
  country: ["", "Where the customer lives."]
  segment: ["", "Segment by recency, frequency and money."]
  orders: ["", "Orders not cancelled."]
  revenue: [EUR, "What the customer paid in all."]
  average_order_value: [EUR, "Revenue an order."]
  last_order: [UTC, "Day of the last order."]
  share: [share, "Part of the revenue of all customers that count."]
plot: {kind: bar, x: user_id, y: revenue, horizontal: true}
*/
with best as (
  select user_id, country, segment, orders, revenue, last_ordered_at
  from customer_360
  where orders > 0 and (:country is null or country = :country)
  order by revenue desc, user_id
  limit :top
),
everyone as (
  select sum(revenue) as revenue
  from customer_360
  where orders > 0 and (:country is null or country = :country)
)
select
  rank() over (order by b.revenue desc) as rank,
  b.user_id,
  b.country,
  b.segment,
  b.orders,
  b.revenue,
  cast(b.revenue as double) / cast(b.orders as double) as average_order_value,
  cast(b.last_ordered_at as date) as last_order,
  cast(b.revenue as double) / nullif(cast(e.revenue as double), 0) as share
from best as b
cross join everyone as e
order by b.revenue desc, b.user_id
