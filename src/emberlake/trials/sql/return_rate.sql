/*
title: Return rate
meaning: Share of the trial's orders of which something was sent back by now.
kind: ratio
unit: share
better: lower
margin: 0.10
reads: {gold.order_features: [], silver.returns: []}
*/
select
    o.user_id,
    o.ordered_at as happened_at,
    case when r.order_id is null then 0.0D else 1.0D end as numerator,
    1.0D as denominator
from order_features o
left join (select distinct order_id from returns) r on r.order_id = o.order_id
where o.ordered_at >= :since and o.ordered_at < :until
