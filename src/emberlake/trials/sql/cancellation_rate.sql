/*
title: Cancellation rate
meaning: Share of the orders placed that were cancelled by now.
kind: ratio
unit: share
better: lower
margin: 0.10
reads: {silver.orders: [status]}
*/
select
    user_id,
    ordered_at as happened_at,
    case when status = 'cancelled' then 1.0D else 0.0D end as numerator,
    1.0D as denominator
from orders
where ordered_at >= :since and ordered_at < :until
