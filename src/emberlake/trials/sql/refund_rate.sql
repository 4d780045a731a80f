/*
title: Refund rate
meaning: Part of the trial's revenue that was paid back by now.
kind: ratio
unit: share
better: lower
margin: 0.10
reads: {gold.order_features: [amount], silver.returns: [refund]}
*/
select
    o.user_id,
    o.ordered_at as happened_at,
    coalesce(r.refund, 0.0D) as numerator,
    cast(o.amount as double) as denominator
from order_features o
left join (
    select order_id, cast(sum(refund) as double) as refund from returns group by order_id
) r on r.order_id = o.order_id
where o.ordered_at >= :since and o.ordered_at < :until
