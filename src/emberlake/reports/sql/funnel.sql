/*
topic: visits
title: Funnel
question: How far do visits get on the way to an order, and where are most of them lost?
parameters:
  since: {type: date, default: null, meaning: "First day counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day counted; none: the last in the data."}
  device: {type: text, default: null, meaning: "Only visits from this device, such as mobile; none: all."}
reads:
  funnel_daily: []
columns:
  step: ["", "1 to 5."]
  stage: ["", "What the visit did."]
  visits: ["", "Visits that got there."]
  share_of_visits: [share, "Part of all visits."]
  conversion: [share, "Part of the visits of the step before; null for the first."]
  drop_off: [share, "Part of the visits of the step before that were lost; null for the first."]
plot: {kind: bar, x: stage, y: visits, horizontal: true}
*/
with totals as (
  select
    sum(sessions) as sessions,
    sum(viewed) as viewed,
    sum(carted) as carted,
    sum(checked_out) as checked_out,
    sum(purchased) as purchased
  from funnel_daily
  where (:since is null or day >= :since)
    and (:until is null or day <= :until)
    and (:device is null or device = :device)
),
stages as (
  select 1 as step, 'visited' as stage, sessions as visits, sessions as first, cast(null as bigint) as before from totals
  union all
  select 2, 'looked at products', viewed, sessions, sessions from totals
  union all
  select 3, 'filled a cart', carted, sessions, viewed from totals
  union all
  select 4, 'began to check out', checked_out, sessions, carted from totals
  union all
  select 5, 'bought', purchased, sessions, checked_out from totals
)
select
  step,
  stage,
  visits,
  cast(visits as double) / nullif(cast(first as double), 0) as share_of_visits,
  cast(visits as double) / nullif(cast(before as double), 0) as conversion,
  1 - cast(visits as double) / nullif(cast(before as double), 0) as drop_off
from stages
where visits is not null
order by step
