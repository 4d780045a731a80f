-- First and last time (microseconds since 1970), and the highest number in use.
SELECT
    epoch_us(least((SELECT min(ordered_at) FROM orders), (SELECT min(occurred_at) FROM events))) AS first,
    epoch_us(greatest((SELECT max(ordered_at) FROM orders), (SELECT max(occurred_at) FROM events))) AS last,
    greatest(
        coalesce((SELECT max(order_id) FROM orders), 0), coalesce((SELECT max(order_id) FROM events), 0),
        coalesce((SELECT max(event_id) FROM events), 0), coalesce((SELECT max(session_id) FROM events), 0)
    ) AS highest
