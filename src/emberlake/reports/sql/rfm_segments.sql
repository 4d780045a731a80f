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
),
everyone as (
  select sum(customers) as customers, sum(revenue) as revenue from segments
)
select
  s.segment,
  s.customers,
  cast(s.customers as double) / cast(e.customers as double) as share,
  s.orders,
  s.revenue,
  cast(s.revenue as double) / nullif(cast(e.revenue as double), 0) as revenue_share,
  cast(s.recency_days as double) / cast(s.customers as double) as average_recency,
  cast(s.revenue as double) / cast(s.customers as double) as revenue_per_customer
from segments as s
cross join everyone as e
order by s.revenue desc, s.segment
