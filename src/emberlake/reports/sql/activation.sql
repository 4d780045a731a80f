/*
topic: customers
title: From sign-up to first order
question: How many of those who sign up ever order, and how many do so at once?
notes: >-
  Begins with the month of the first order in the data. Late months had less time to order; read the line's right end
  as unfinished.
parameters:
  days: {type: int, default: 30, minimum: 0, meaning: "An order within this many days of the sign-up counts as at once."}
  country: {type: text, default: null, meaning: "Only users of this country, such as DE; none: all."}
reads:
  customer_360: [signed_up_at, first_ordered_at]
columns:
  month: [UTC, "First day of the month of the sign-up."]
  sign_ups: ["", "Accounts opened in it."]
  ordered: ["", "Those with an order up to now."]
  ordered_at_once: ["", "Those with an order within the given days."]
  activation: [share, "Ordered as part of sign-ups."]
  activation_at_once: [share, "Ordered at once as part of sign-ups."]
plot: {kind: line, x: month, y: [activation, activation_at_once]}
*/
with days as (
  select
    cast(signed_up_at as date) as day,
    count(*) as sign_ups,
    count(first_ordered_at) as ordered,
    count_if(datediff(cast(first_ordered_at as date), cast(signed_up_at as date)) <= :days) as ordered_at_once
  from customer_360
  where signed_up_at is not null and (:country is null or country = :country)
  group by cast(signed_up_at as date)
),
counted as (
  select
    trunc(day, 'MONTH') as month,
    sum(sign_ups) as sign_ups,
    sum(ordered) as ordered,
    sum(ordered_at_once) as ordered_at_once
  from days
  group by trunc(day, 'MONTH')
)
select
  month,
  sign_ups,
  ordered,
  ordered_at_once,
  cast(ordered as double) / cast(sign_ups as double) as activation,
  cast(ordered_at_once as double) / cast(sign_ups as double) as activation_at_once
from counted
-- Accounts older than the first order in the data may have ordered before it: nobody knows how soon.
where month >= (select trunc(cast(min(first_ordered_at) as date), 'MONTH') from customer_360)
order by month
