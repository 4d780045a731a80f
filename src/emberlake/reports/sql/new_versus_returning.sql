/*
topic: sales
title: New and returning customers
question: How much of each month comes from first orders, and how much from customers who came back?
parameters:
  since: {type: date, default: null, meaning: "First day counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day counted; none: the last in the data."}
  country: {type: text, default: null, meaning: "Only orders to this country, such as DE; none: all."}
reads:
  daily_sales: []
columns:
  month: [UTC, "First day of the month."]
  new_orders: ["", "First orders of their customers."]
  returning_orders: ["", "All others."]
  new_revenue: [EUR, "Amounts of the first orders."]
  returning_revenue: [EUR, "Amounts of all others."]
  returning_share: [share, "Part of revenue from customers who came back."]
plot: {kind: bar, x: month, y: [new_revenue, returning_revenue], stacked: true}
*/
select
  trunc(day, 'MONTH') as month,
  sum(new_buyers) as new_orders,
  sum(orders) - sum(new_buyers) as returning_orders,
  sum(new_revenue) as new_revenue,
  sum(revenue) - sum(new_revenue) as returning_revenue,
  cast(sum(revenue) - sum(new_revenue) as double) / nullif(cast(sum(revenue) as double), 0) as returning_share
from daily_sales
where (:since is null or day >= :since)
  and (:until is null or day <= :until)
  and (:country is null or country = :country)
group by trunc(day, 'MONTH')
order by month
