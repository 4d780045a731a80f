/*
topic: sales
title: Hours of the week
question: On which weekdays and at which hours do customers order?
notes: Hours are UTC.
parameters:
  since: {type: date, default: null, meaning: "First day counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day counted; none: the last in the data."}
reads:
  hourly_sales: []
columns:
  weekday: ["", "1 Monday to 7 Sunday (ISO 8601)."]
  weekday_name: ["", "Its short name."]
  hour: ["", "Hour of the day, 0 to 23."]
  orders: ["", "Orders in that hour on such days."]
  revenue: [EUR, "Their amounts."]
  orders_per_hour: ["", "Orders in one such hour, on average over all such days with sales."]
  share: [share, "Part of all orders."]
plot: {kind: heatmap, x: hour, y: weekday_name, value: share}
*/
with counted as (
  select weekday, hour, sum(orders) as orders, sum(revenue) as revenue
  from hourly_sales
  where (:since is null or day >= :since) and (:until is null or day <= :until)
  group by weekday, hour
),
days as (
  select weekday, count(distinct day) as days
  from hourly_sales
  where (:since is null or day >= :since) and (:until is null or day <= :until)
  group by weekday
)
select
  c.weekday,
  case c.weekday
    when 1 then 'Mon' when 2 then 'Tue' when 3 then 'Wed' when 4 then 'Thu'
    when 5 then 'Fri' when 6 then 'Sat' else 'Sun'
  end as weekday_name,
  c.hour,
  c.orders,
  c.revenue,
  cast(c.orders as double) / cast(d.days as double) as orders_per_hour,
  cast(c.orders as double) / cast(sum(c.orders) over () as double) as share
from counted as c
join days as d on d.weekday = c.weekday
order by c.weekday, c.hour
