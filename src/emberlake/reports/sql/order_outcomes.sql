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
-- By day first: finding the month of a few thousand days is cheaper than of millions of orders.
with days as (
  select cast(ordered_at as date) as day, status, count(*) as orders, sum(amount) as amount
  from orders
  where (:since is null or ordered_at >= cast(:since as timestamp))
    and (:until is null or ordered_at < cast(date_add(cast(:until as date), 1) as timestamp))
  group by cast(ordered_at as date), status
),
counted as (
  select
    trunc(day, 'MONTH') as month,
    coalesce(status, 'unknown') as status,
    sum(orders) as orders,
    sum(amount) as amount
  from days
  group by trunc(day, 'MONTH'), coalesce(status, 'unknown')
)
select
  month,
  status,
  orders,
  cast(orders as double) / cast(sum(orders) over (partition by month) as double) as share,
  amount
from counted
order by month, status
