/*
topic: customers
title: Lifetime value by cohort
question: How much has a customer of each cohort spent, one, two, three … months after the first order?
notes: Divided by all customers of the cohort, also those who never came back.
parameters:
  since: {type: date, default: null, meaning: "First cohort shown (any day of its month); none: the first in the data."}
  until: {type: date, default: null, meaning: "Last cohort shown (any day of its month); none: the last in the data."}
  months: {type: int, default: 12, minimum: 0, meaning: "How many months after the first are shown."}
reads:
  cohorts: []
columns:
  cohort_month: [UTC, "First day of the month of the first order."]
  months_since: [months, "Months after it; 0 is the month itself."]
  cohort_customers: ["", "Customers of the cohort."]
  revenue: [EUR, "Their orders in that month."]
  revenue_to_date: [EUR, "Their orders up to the end of that month."]
  value: [EUR, "Revenue to date a customer of the cohort."]
plot: {kind: heatmap, x: months_since, y: cohort_month, value: value}
*/
with starts as (
  select cohort_month, customers from cohorts where months_since = 0
),
grid as (
  select s.cohort_month, s.customers as cohort_customers, m.months_since
  from starts as s
  cross join (select distinct months_since from cohorts) as m
  where add_months(s.cohort_month, m.months_since) <= (select max(month) from cohorts)
),
filled as (
  select
    g.cohort_month,
    g.months_since,
    g.cohort_customers,
    coalesce(c.revenue, cast(0 as decimal(22, 2))) as revenue
  from grid as g
  left join cohorts as c on c.cohort_month = g.cohort_month and c.months_since = g.months_since
),
summed as (
  select
    *,
    sum(revenue) over (
      partition by cohort_month order by months_since rows between unbounded preceding and current row
    ) as revenue_to_date
  from filled
)
select
  cohort_month,
  months_since,
  cohort_customers,
  revenue,
  revenue_to_date,
  cast(revenue_to_date as double) / nullif(cast(cohort_customers as double), 0) as value
from summed
where months_since <= :months
  and (:since is null or last_day(cohort_month) >= :since)
  and (:until is null or cohort_month <= :until)
order by cohort_month, months_since
