/*
topic: sales
title: Average order value
question: How much is an order worth in each channel, and how does that move?
parameters:
  since: {type: date, default: null, meaning: "First day counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day counted; none: the last in the data."}
  country: {type: text, default: null, meaning: "Only orders to this country, such as DE; none: all."}
reads:
  daily_sales: []
columns:
  month: [UTC, "First day of the month."]
  channel: ["", "Where the orders were placed."]
  orders: ["", "Orders placed and not cancelled."]
  revenue: [EUR, "Their amounts."]
  average_order_value: [EUR, "Revenue an order."]
  discount_rate: [share, "Discounts as part of what the orders would have cost without them."]
plot: {kind: line, x: month, y: average_order_value, colour: channel}
*/
select
  trunc(day, 'MONTH') as month,
  channel,
  sum(orders) as orders,
  sum(revenue) as revenue,
  cast(sum(revenue) as double) / cast(sum(orders) as double) as average_order_value,
  cast(sum(discount) as double) / nullif(cast(sum(revenue) + sum(discount) as double), 0) as discount_rate
from daily_sales
where (:since is null or day >= :since)
  and (:until is null or day <= :until)
  and (:country is null or country = :country)
group by trunc(day, 'MONTH'), channel
-- A day on which only refunds were paid has a row, but no order to average.
having sum(daily_sales.orders) > 0
order by month, channel
