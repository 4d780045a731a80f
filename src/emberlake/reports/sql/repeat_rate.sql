/*
topic: customers
title: Repeat rate
question: How many of each month's new customers came back, and how long do they wait between orders?
notes: Late months had less time to come back; read the line's right end as unfinished.
parameters:
  since: {type: date, default: null, meaning: "First month shown (any day of it); none: the first in the data."}
  until: {type: date, default: null, meaning: "Last month shown (any day of it); none: the last in the data."}
  country: {type: text, default: null, meaning: "Only customers of this country, such as DE; none: all."}
reads:
  customer_360: [first_ordered_at]
columns:
  month: [UTC, "First day of the month of the first order."]
  customers: ["", "Customers who first ordered in it."]
  came_back: ["", "Those with a second order up to now."]
  repeat_rate: [share, "The second as part of the first."]
  orders_per_customer: ["", "Orders a customer up to now."]
  days_between_orders: [days, "Days from an order to the next, on average over all their orders; null without a repeat."]
plot: {kind: line, x: month, y: repeat_rate}
*/
with days as (
  select
    cast(first_ordered_at as date) as day,
    count(*) as customers,
    count_if(orders > 1) as came_back,
    sum(orders) as orders,
    -- Whole days from the first order to the last are the sum of all gaps: exact, whatever the order of summing.
    sum(datediff(cast(last_ordered_at as date), cast(first_ordered_at as date))) as gap_days
  from customer_360
  where first_ordered_at is not null and (:country is null or country = :country)
  group by cast(first_ordered_at as date)
),
months as (
  select
    trunc(day, 'MONTH') as month,
    sum(customers) as customers,
    sum(came_back) as came_back,
    sum(orders) as orders,
    sum(gap_days) as gap_days
  from days
  group by trunc(day, 'MONTH')
)
select
  month,
  customers,
  came_back,
  cast(came_back as double) / cast(customers as double) as repeat_rate,
  cast(orders as double) / cast(customers as double) as orders_per_customer,
  cast(gap_days as double) / nullif(cast(orders - customers as double), 0) as days_between_orders
from months
where (:since is null or last_day(month) >= :since) and (:until is null or month <= :until)
order by month
