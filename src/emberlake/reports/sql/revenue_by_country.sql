/*
topic: sales
title: Revenue by country
question: Where do orders go, what are they worth there, and where does the shop grow?
parameters:
  days: {type: int, default: 90, minimum: 1, meaning: "Growth compares this many last days with as many before."}
reads:
  daily_sales: [country]
columns:
  country: ["", "Where the orders go to."]
  orders: ["", "Orders placed and not cancelled."]
  revenue: [EUR, "Their amounts."]
  share: [share, "Part of all revenue."]
  average_order_value: [EUR, "Revenue an order."]
  refund_rate: [share, "Refunds as part of revenue."]
  revenue_lately: [EUR, "Revenue of the last days."]
  revenue_before: [EUR, "Revenue of as many days before those."]
  growth: [share, "The first of these against the second; null without one."]
plot: {kind: bar, x: country, y: revenue}
*/
with last_day as (
  select max(day) as day from daily_sales where orders > 0
),
countries as (
  select
    s.country,
    sum(s.orders) as orders,
    sum(s.revenue) as revenue,
    sum(s.refunds) as refunds,
    sum(case when s.day > date_sub(l.day, :days) then s.revenue else cast(0 as decimal(22, 2)) end) as revenue_lately,
    sum(
      case
        when s.day <= date_sub(l.day, :days) and s.day > date_sub(l.day, 2 * :days) then s.revenue
        else cast(0 as decimal(22, 2))
      end
    ) as revenue_before
  from daily_sales as s
  cross join last_day as l
  group by s.country
)
select
  country,
  orders,
  revenue,
  cast(revenue as double) / nullif(cast(sum(revenue) over () as double), 0) as share,
  cast(revenue as double) / nullif(cast(orders as double), 0) as average_order_value,
  cast(refunds as double) / nullif(cast(revenue as double), 0) as refund_rate,
  revenue_lately,
  revenue_before,
  cast(revenue_lately as double) / nullif(cast(revenue_before as double), 0) - 1 as growth
from countries
order by revenue desc, country
