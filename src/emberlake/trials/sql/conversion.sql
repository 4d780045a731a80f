/*
title: Conversion
meaning: Share of users with an order.
kind: share
unit: share
better: higher
reads: {gold.order_features: []}
*/
select user_id, ordered_at as happened_at, 1.0D as numerator, 1.0D as denominator
from order_features
where ordered_at >= :since and ordered_at < :until
