/*
topic: customers
title: Recency and frequency
question: Where do customers stand between buying often and having bought lately?
parameters:
  country: {type: text, default: null, meaning: "Only customers of this country, such as DE; none: all."}
reads:
  customer_360: [recency_score, frequency_score]
columns:
  recency_score: ["", "1 (long ago) to 5 (lately)."]
  frequency_score: ["", "1 (seldom) to 5 (often)."]
  customers: ["", "Customers with both scores."]
  share: [share, "Part of all customers with scores."]
  revenue_per_customer: [EUR, "Revenue a customer."]
plot: {kind: heatmap, x: recency_score, y: frequency_score, value: share}
*/
with cells as (
  select recency_score, frequency_score, count(*) as customers, sum(revenue) as revenue
  from customer_360
  where recency_score is not null
    and frequency_score is not null
    and (:country is null or country = :country)
  group by recency_score, frequency_score
),
everyone as (
  select sum(customers) as customers from cells
)
select
  c.recency_score,
  c.frequency_score,
  c.customers,
  cast(c.customers as double) / cast(e.customers as double) as share,
  cast(c.revenue as double) / cast(c.customers as double) as revenue_per_customer
from cells as c
cross join everyone as e
order by c.recency_score, c.frequency_score
