/*
topic: sales
title: Revenue by day
question: What did each day take, and was it better than the same weekday a week before?
notes: A day is compared with the same weekday because shops have weeks; the average over seven days hides them.
parameters:
  since: {type: date, default: null, meaning: "First day shown; none: the first day in the data."}
  until: {type: date, default: null, meaning: "Last day shown; none: the last day in the data."}
  country: {type: text, default: null, meaning: "Only orders to this country, such as DE; none: all."}
  channel: {type: text, default: null, meaning: "Only orders placed in this channel, such as web; none: all."}
reads:
  daily_sales: []
columns:
  day: [UTC, "The day."]
  orders: ["", "Orders placed and not cancelled."]
  revenue: [EUR, "Their amounts."]
  refunds: [EUR, "Paid back on that day, for orders of any day."]
  net_revenue: [EUR, "Revenue less refunds."]
  average_7d: [EUR, "Revenue a day over the seven days up to this one; null in the first six days."]
  growth_week: [share, "Revenue against the same weekday a week before; null without one."]
plot: {kind: line, x: day, y: [revenue, average_7d]}
*/
with days as (
  select day, sum(orders) as orders, sum(revenue) as revenue, sum(refunds) as refunds
  from daily_sales
  where (:country is null or country = :country) and (:channel is null or channel = :channel)
  group by day
),
-- A join rather than a RANGE frame over intervals: Sail 0.7.2 answers those wrongly.
weeks as (
  select d.day, sum(w.revenue) as revenue
  from days as d
  join days as w on w.day between date_sub(d.day, 6) and d.day
  group by d.day
)
select
  d.day,
  d.orders,
  d.revenue,
  d.refunds,
  d.revenue - d.refunds as net_revenue,
  case when d.day >= date_add((select min(day) from days), 6) then cast(w.revenue as double) / 7 end as average_7d,
  cast(d.revenue as double) / nullif(cast(b.revenue as double), 0) - 1 as growth_week
from days as d
join weeks as w on w.day = d.day
left join days as b on b.day = date_sub(d.day, 7)
where (:since is null or d.day >= :since) and (:until is null or d.day <= :until)
order by d.day
