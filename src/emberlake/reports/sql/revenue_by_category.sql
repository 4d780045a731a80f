/*
topic: sales
title: Revenue by category
question: Which categories carry each month, and which of them grow?
parameters:
  since: {type: date, default: null, meaning: "First month shown (any day of it); none: the first in the data."}
  until: {type: date, default: null, meaning: "Last month shown (any day of it); none: the last in the data."}
  category: {type: text, default: null, meaning: "Only this category, such as Toys; shares stay those of the whole shop."}
reads:
  product_daily: [category]
columns:
  month: [UTC, "First day of the month."]
  category: ["", "The category; 'unknown' for products that the catalogue does not know."]
  units: [pieces, "Pieces sold."]
  revenue: [EUR, "Gross less discount of the lines."]
  share: [share, "Part of the month's revenue."]
  growth_month: [share, "Revenue against the month before; null without one."]
plot: {kind: bar, x: month, y: revenue, colour: category, stacked: true}
*/
with months as (
  select
    trunc(day, 'MONTH') as month,
    coalesce(category, 'unknown') as category,
    sum(units) as units,
    sum(revenue) as revenue
  from product_daily
  group by trunc(day, 'MONTH'), coalesce(category, 'unknown')
),
totals as (
  select month, sum(revenue) as revenue from months group by month
)
select
  m.month,
  m.category,
  m.units,
  m.revenue,
  cast(m.revenue as double) / nullif(cast(t.revenue as double), 0) as share,
  cast(m.revenue as double) / nullif(cast(b.revenue as double), 0) - 1 as growth_month
from months as m
join totals as t on t.month = m.month
left join months as b on b.category = m.category and b.month = add_months(m.month, -1)
where (:since is null or last_day(m.month) >= :since)
  and (:until is null or m.month <= :until)
  and (:category is null or m.category = :category)
order by m.month, m.category
