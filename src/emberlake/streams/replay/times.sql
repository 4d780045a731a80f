-- Where each event stands in the replay, and how long its topic goes on.
WITH played AS (
    SELECT topic, micros, id FROM (
        SELECT 0 AS topic, epoch_us(ordered_at) AS micros, order_id AS id FROM orders
        WHERE $orders AND ordered_at >= $since AND ordered_at < $until
        UNION ALL
        SELECT 1 AS topic, epoch_us(occurred_at) AS micros, event_id AS id FROM events
        WHERE $clicks AND occurred_at >= $since AND occurred_at < $until
    )
    ORDER BY micros, topic, id
    LIMIT $limit
)
SELECT
    row_number() OVER (ORDER BY micros, topic, id) - 1 AS position, topic, micros,
    max(micros) OVER (PARTITION BY topic) AS last
FROM played
ORDER BY micros, topic, id
