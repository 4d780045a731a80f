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
)
select
  recency_score,
  frequency_score,
  customers,
  cast(customers as double) / cast(sum(customers) over () as double) as share,
  cast(revenue as double) / cast(customers as double) as revenue_per_customer
from cells
order by recency_score, frequency_score
