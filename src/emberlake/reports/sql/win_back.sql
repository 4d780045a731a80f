/*
topic: customers
title: Customers to win back
question: Which good customers are slipping away and deserve a letter?
notes: "No names or addresses: look the numbers up in customer care's own system."
parameters:
  segment: {type: text, default: at risk, choices: [at risk, asleep, lost], meaning: "Which segment to write to."}
  country: {type: text, default: null, meaning: "Only customers of this country, such as DE; none: all."}
  top: {type: int, default: 50, minimum: 1, meaning: "How many customers are shown, the dearest first."}
reads:
  customer_360: [recency_score]
columns:
  user_id: ["", "The customer."]
  country: ["", "Where the customer lives."]
  segment: ["", "The segment."]
  last_order: [UTC, "Day of the last order."]
  recency_days: [days, "Days since then."]
  mean_gap_days: [days, "Days between this customer's orders, on average; null below two orders."]
  orders: ["", "Orders not cancelled."]
  revenue: [EUR, "What the customer paid in all."]
plot: {kind: table}
*/
select
  user_id,
  country,
  segment,
  cast(last_ordered_at as date) as last_order,
  recency_days,
  mean_gap_days,
  orders,
  revenue
from customer_360
where segment = :segment and (:country is null or country = :country)
order by revenue desc, user_id
limit :top
