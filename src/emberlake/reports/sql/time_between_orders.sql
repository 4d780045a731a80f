/*
topic: customers
title: Time between orders
question: After how many days do customers order again, and when is it time to remind them?
parameters:
  since: {type: date, default: null, meaning: "Only repeat orders placed on this day or later; none: all."}
  until: {type: date, default: null, meaning: "Only repeat orders placed on this day or earlier; none: all."}
  bucket_days: {type: int, default: 7, minimum: 1, meaning: "Width of a bucket in days."}
  most_days: {type: int, default: 365, minimum: 1, meaning: "Gaps this long or longer share the last bucket."}
reads:
  order_features: [days_since_previous]
columns:
  from_days: [days, "Shortest gap in the bucket."]
  orders: ["", "Repeat orders with such a gap."]
  share: [share, "Part of all repeat orders."]
  cumulative_share: [share, "Part of all repeat orders with this gap or a shorter one."]
plot: {kind: bar, x: from_days, y: share}
*/
with gaps as (
  select days_since_previous as days, count(*) as orders
  from order_features
  where days_since_previous is not null
    and (:since is null or ordered_at >= cast(:since as timestamp))
    and (:until is null or ordered_at < cast(date_add(cast(:until as date), 1) as timestamp))
  group by days_since_previous
),
buckets as (
  select (least(days, :most_days) div :bucket_days) * :bucket_days as from_days, sum(orders) as orders
  from gaps
  group by (least(days, :most_days) div :bucket_days) * :bucket_days
)
select
  from_days,
  orders,
  cast(orders as double) / cast(sum(orders) over () as double) as share,
  cast(sum(orders) over (order by from_days rows between unbounded preceding and current row) as double)
    / cast(sum(orders) over () as double) as cumulative_share
from buckets
order by from_days
