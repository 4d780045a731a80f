/*
topic: customers
title: Lifetime value by source of customers
question: Which ways of finding the shop bring customers who buy, stay and pay?
parameters:
  signed_up_since: {type: date, default: null, meaning: "Only accounts opened on this day or later; none: all."}
  signed_up_until: {type: date, default: null, meaning: "Only accounts opened on this day or earlier; none: all."}
reads:
  customer_360: [acquired_by]
columns:
  acquired_by: ["", "How the users found the shop; 'unknown' when they did not say."]
  users: ["", "People who signed up that way."]
  buyers: ["", "Those with an order."]
  orders: ["", "Their orders."]
  revenue: [EUR, "Their amounts."]
  refunds: [EUR, "Paid back to them."]
  buyer_rate: [share, "Buyers as part of users."]
  orders_per_buyer: ["", "Orders a buyer."]
  net_value_per_user: [EUR, "Revenue less refunds, a user: what one more sign-up was worth."]
plot: {kind: bar, x: acquired_by, y: net_value_per_user}
*/
select
  coalesce(acquired_by, 'unknown') as acquired_by,
  count(*) as users,
  count_if(orders > 0) as buyers,
  sum(orders) as orders,
  sum(revenue) as revenue,
  sum(refunds) as refunds,
  cast(count_if(orders > 0) as double) / cast(count(*) as double) as buyer_rate,
  cast(sum(orders) as double) / nullif(cast(count_if(orders > 0) as double), 0) as orders_per_buyer,
  cast(sum(revenue) - sum(refunds) as double) / cast(count(*) as double) as net_value_per_user
from customer_360
where (:signed_up_since is null or cast(signed_up_at as date) >= :signed_up_since)
  and (:signed_up_until is null or cast(signed_up_at as date) <= :signed_up_until)
group by coalesce(acquired_by, 'unknown')
order by net_value_per_user desc, acquired_by
