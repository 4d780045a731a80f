/*
topic: sales
title: What becomes of orders
question: How many orders of each month were cancelled or sent back, and how many are still on their way?
parameters:
  since: {type: date, default: null, meaning: "First day counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day counted; none: the last in the data."}
reads:
  orders: [status]
columns:
  month: [UTC, "First day of the month of the order."]
  status: ["", "Its latest status; 'unknown' when the source does not say."]
  orders: ["", "Orders."]
  share: [share, "Part of the month's orders."]
  amount: [EUR, "Their amounts."]
plot: {kind: bar, x: month, y: share, colour: status, order: [paid, shipped, delivered, returned, cancelled], stacked: true}
*/
with counted as (
  select
    trunc(cast(ordered_at as date), 'MONTH') as month,
    coalesce(status, 'unknown') as status,
    count(*) as orders,
    sum(amount) as amount
  from orders
  where (:since is null or ordered_at >= cast(:since as timestamp))
    and (:until is null or ordered_at < cast(date_add(cast(:until as date), 1) as timestamp))
  group by trunc(cast(ordered_at as date), 'MONTH'), coalesce(status, 'unknown')
)
select
  month,
  status,
  orders,
  cast(orders as double) / cast(sum(orders) over (partition by month) as double) as share,
  amount
from counted
order by month, status
