-- Events of each day since 1970.
SELECT day, sum(events)::BIGINT AS events FROM (
    SELECT epoch_us(ordered_at) // 86400000000 AS day, count(*) AS events FROM orders
    WHERE $orders AND ordered_at >= $since AND ordered_at < $until GROUP BY 1
    UNION ALL
    SELECT epoch_us(occurred_at) // 86400000000 AS day, count(*) AS events FROM events
    WHERE $clicks AND occurred_at >= $since AND occurred_at < $until GROUP BY 1
)
GROUP BY day ORDER BY day
