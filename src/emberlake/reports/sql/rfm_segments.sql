/*
topic: customers
title: Customer segments (RFM)
question: How many customers are champions, loyal, at risk or lost, and what does each group bring?
notes: Segments come from fifths of recency, frequency and money, as of the last day in the data.
parameters:
  country: {type: text, default: null, meaning: "Only customers of this country, such as DE; none: all."}
reads:
  customer_360: [recency_score]
columns:
  segment: ["", "The segment."]
  customers: ["", "Customers in it."]
  share: [share, "Part of all customers with an order."]
  orders: ["", "Their orders."]
  revenue: [EUR, "Their amounts."]
  revenue_share: [share, "Part of all revenue."]
  average_recency: [days, "Days since their last order, on average."]
  revenue_per_customer: [EUR, "Revenue a customer."]
plot: {kind: bar, x: segment, y: [share, revenue_share]}
*/
with segments as (
  select
    segment,
    count(*) as customers,
    sum(orders) as orders,
    sum(revenue) as revenue,
    sum(recency_days) as recency_days
  from customer_360
  where orders > 0 and (:country is null or country = :country)
  group by segment
)
-- Windows over a handful of rows rather than a second query over them: engines read the customers once for each.
select
  segment,
  customers,
  cast(customers as double) / cast(sum(customers) over () as double) as share,
  orders,
  revenue,
  cast(revenue as double) / nullif(cast(sum(revenue) over () as double), 0) as revenue_share,
  cast(recency_days as double) / cast(customers as double) as average_recency,
  cast(revenue as double) / cast(customers as double) as revenue_per_customer
from segments
order by revenue desc, segment
