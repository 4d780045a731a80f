/*
topic: products
title: Reasons for returns
question: Why do customers send goods back, and does that differ between categories?
parameters:
  since: {type: date, default: null, meaning: "First day of arrival counted; none: the first in the data."}
  until: {type: date, default: null, meaning: "Last day of arrival counted; none: the last in the data."}
reads:
  returns: [reason]
  products: [category]
columns:
  category: ["", "The category; 'unknown' for products without one."]
  reason: ["", "As the customer gave it; 'unknown' without one."]
  returns: ["", "Returns for that reason."]
  pieces: [pieces, "Their pieces."]
  refunds: [EUR, "Paid back for them."]
  share: [share, "Part of the category's returns."]
plot: {kind: heatmap, x: reason, y: category, value: share}
*/
with by_product as (
  -- Products are few and returns are many: count first, look up the category after.
  select
    product_id,
    coalesce(reason, 'unknown') as reason,
    count(*) as returns,
    sum(quantity) as pieces,
    sum(coalesce(refund, cast(0 as decimal(12, 2)))) as refunds
  from returns
  where (:since is null or returned_at >= cast(:since as timestamp))
    and (:until is null or returned_at < cast(date_add(cast(:until as date), 1) as timestamp))
  group by product_id, coalesce(reason, 'unknown')
),
reasons as (
  select
    coalesce(p.category, 'unknown') as category,
    r.reason,
    sum(r.returns) as returns,
    sum(r.pieces) as pieces,
    sum(r.refunds) as refunds
  from by_product as r
  left join products as p on p.product_id = r.product_id
  group by coalesce(p.category, 'unknown'), r.reason
)
select
  category,
  reason,
  returns,
  pieces,
  refunds,
  cast(returns as double) / cast(sum(returns) over (partition by category) as double) as share
from reasons
order by category, reason
