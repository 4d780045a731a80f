/*
title: Average order value
meaning: Revenue over the number of orders.
kind: ratio
unit: EUR
better: higher
reads: {gold.order_features: [amount]}
*/
select user_id, ordered_at as happened_at, cast(amount as double) as numerator, 1.0D as denominator
from order_features
where ordered_at >= :since and ordered_at < :until
