/*
topic: customers
title: Loyalty tiers
question: Do members of the loyalty programme buy more often, and at which discounts?
notes: "A comparison, not a cause: good customers join, and joining need not make them good."
parameters:
  country: {type: text, default: null, meaning: "Only customers of this country, such as DE; none: all."}
reads:
  customer_360: [loyalty]
columns:
  loyalty: ["", "Tier of the programme; 'unknown' when the source does not say."]
  customers: ["", "Customers in it."]
  buyers_90d: ["", "Those who ordered in the last 90 days."]
  active_rate: [share, "The second as part of the first."]
  orders_per_customer: ["", "Orders a customer, up to now."]
  revenue_per_customer: [EUR, "Revenue a customer, up to now."]
  average_order_value: [EUR, "Revenue an order."]
  coupon_rate: [share, "Orders with a coupon, as part of all."]
  discount_per_order: [EUR, "Discount an order."]
plot: {kind: bar, x: loyalty, y: revenue_per_customer}
*/
select
  coalesce(loyalty, 'unknown') as loyalty,
  count(*) as customers,
  count_if(orders_90d > 0) as buyers_90d,
  cast(count_if(orders_90d > 0) as double) / cast(count(*) as double) as active_rate,
  cast(sum(orders) as double) / cast(count(*) as double) as orders_per_customer,
  cast(sum(revenue) as double) / cast(count(*) as double) as revenue_per_customer,
  cast(sum(revenue) as double) / nullif(cast(sum(orders) as double), 0) as average_order_value,
  cast(sum(coupon_orders) as double) / nullif(cast(sum(orders) as double), 0) as coupon_rate,
  cast(sum(discount) as double) / nullif(cast(sum(orders) as double), 0) as discount_per_order
from customer_360
where (:country is null or country = :country)
group by coalesce(loyalty, 'unknown')
order by revenue_per_customer desc, loyalty
