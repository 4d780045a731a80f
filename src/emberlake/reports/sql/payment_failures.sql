/*
topic: payments
title: Payments that fail
question: Which ways to pay fail most, and do those customers pay in the end?
parameters:
  since: {type: date, default: null, meaning: "First day of an attempt counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day of an attempt counted; none: the last in the data."}
reads:
  payments: [method, status]
columns:
  method: ["", "How it was tried; 'unknown' when the source does not say."]
  attempts: ["", "Attempts to pay."]
  failed: ["", "Those that failed."]
  failure_rate: [share, "The second as part of the first."]
  failed_amount: [EUR, "Amount of the failed attempts."]
  orders_hit: ["", "Orders with a failed attempt by this method."]
  orders_saved: ["", "Those that were paid by another attempt, by any method, on any day."]
  saved_rate: [share, "The second as part of the first; null when nothing failed."]
plot: {kind: bar, x: method, y: [failure_rate, saved_rate]}
*/
with counted as (
  select method, status, count(*) as attempts, sum(amount) as amount
  from payments
  where (:since is null or paid_at >= cast(:since as timestamp))
    and (:until is null or paid_at < cast(date_add(cast(:until as date), 1) as timestamp))
  group by method, status
),
tried as (
  select
    coalesce(method, 'unknown') as method,
    sum(attempts) as attempts,
    sum(case when status = 'failed' then attempts else 0 end) as failed,
    sum(case when status = 'failed' then amount else cast(0 as decimal(22, 2)) end) as failed_amount
  from counted
  group by coalesce(method, 'unknown')
),
hit as (
  select distinct coalesce(method, 'unknown') as method, order_id
  from payments
  where status = 'failed'
    and (:since is null or paid_at >= cast(:since as timestamp))
    and (:until is null or paid_at < cast(date_add(cast(:until as date), 1) as timestamp))
),
saved as (
  select h.method, count(*) as orders
  from hit as h
  where exists (
    select 1 from payments as p where p.order_id = h.order_id and p.status in ('captured', 'refunded')
  )
  group by h.method
),
hits as (
  select method, count(*) as orders from hit group by method
)
select
  t.method,
  t.attempts,
  t.failed,
  cast(t.failed as double) / cast(t.attempts as double) as failure_rate,
  t.failed_amount,
  coalesce(h.orders, 0) as orders_hit,
  coalesce(s.orders, 0) as orders_saved,
  cast(coalesce(s.orders, 0) as double) / cast(h.orders as double) as saved_rate
from tried as t
left join hits as h on h.method = t.method
left join saved as s on s.method = t.method
order by t.attempts desc, t.method
