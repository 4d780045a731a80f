/*
topic: customers
title: Cohort retention
question: Of the customers who first ordered in a month, how many order again in each month after it?
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
  customers: ["", "Those who ordered in that month."]
  retention: [share, "The second as part of the first."]
plot: {kind: heatmap, x: months_since, y: cohort_month, value: retention}
*/
with starts as (
  select cohort_month, customers from cohorts where months_since = 0
),
-- A month in which nobody of a cohort came back has no row; it is nought, unlike a month still to come.
grid as (
  select s.cohort_month, s.customers as cohort_customers, m.months_since
  from starts as s
  cross join (select distinct months_since from cohorts) as m
  where add_months(s.cohort_month, m.months_since) <= (select max(month) from cohorts)
)
select
  g.cohort_month,
  g.months_since,
  g.cohort_customers,
  coalesce(c.customers, 0) as customers,
  cast(coalesce(c.customers, 0) as double) / nullif(cast(g.cohort_customers as double), 0) as retention
from grid as g
left join cohorts as c on c.cohort_month = g.cohort_month and c.months_since = g.months_since
where g.months_since <= :months
  and (:since is null or last_day(g.cohort_month) >= :since)
  and (:until is null or g.cohort_month <= :until)
order by g.cohort_month, g.months_since
