/*
topic: sales
title: Revenue by month
question: Does the shop grow from month to month, and against the year before?
notes: The first and the last month are as complete as the data; compare them with care.
parameters:
  since: {type: date, default: null, meaning: "First month shown (any day of it); none: the first in the data."}
  until: {type: date, default: null, meaning: "Last month shown (any day of it); none: the last in the data."}
  country: {type: text, default: null, meaning: "Only orders to this country, such as DE; none: all."}
  channel: {type: text, default: null, meaning: "Only orders placed in this channel, such as web; none: all."}
reads:
  daily_sales: []
columns:
  month: [UTC, "First day of the month."]
  orders: ["", "Orders placed and not cancelled."]
  revenue: [EUR, "Their amounts."]
  refunds: [EUR, "Paid back in the month, for orders of any month."]
  net_revenue: [EUR, "Revenue less refunds."]
  growth_month: [share, "Revenue against the month before; null without one."]
  growth_year: [share, "Revenue against the same month of the year before; null without one."]
plot: {kind: bar, x: month, y: revenue}
*/
with months as (
  select trunc(day, 'MONTH') as month, sum(orders) as orders, sum(revenue) as revenue, sum(refunds) as refunds
  from daily_sales
  where (:country is null or country = :country) and (:channel is null or channel = :channel)
  group by trunc(day, 'MONTH')
)
select
  m.month,
  m.orders,
  m.revenue,
  m.refunds,
  m.revenue - m.refunds as net_revenue,
  cast(m.revenue as double) / nullif(cast(b.revenue as double), 0) - 1 as growth_month,
  cast(m.revenue as double) / nullif(cast(y.revenue as double), 0) - 1 as growth_year
from months as m
left join months as b on b.month = add_months(m.month, -1)
left join months as y on y.month = add_months(m.month, -12)
where (:since is null or last_day(m.month) >= :since) and (:until is null or m.month <= :until)
order by m.month
