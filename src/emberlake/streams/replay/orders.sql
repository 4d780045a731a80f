-- Orders of a slice of time as messages, with their lines, in the order of their times.
-- Money is written as DECIMAL text, so that no cent passes through a double.
WITH placed AS (
    SELECT * FROM orders WHERE ordered_at >= $since AND ordered_at < $until
),
bought AS (
    SELECT
        order_id,
        '[' || string_agg(
            '{"line":' || line || ',"product_id":' || product_id || ',"quantity":' || quantity
            || ',"unit_price":' || unit_price || ',"discount":' || coalesce(discount::VARCHAR, 'null') || '}',
            ',' ORDER BY line
        ) || ']' AS lines
    FROM order_items
    WHERE order_id IN (SELECT order_id FROM placed)
        AND order_id BETWEEN (SELECT min(order_id) FROM placed) AND (SELECT max(order_id) FROM placed)
    GROUP BY order_id
)
SELECT
    0::TINYINT AS topic,
    epoch_us(ordered_at) + $shift AS micros,
    order_id + $ids AS id,
    coalesce(user_id::VARCHAR, '') AS key,
    '{"order_id":' || (order_id + $ids)
    || ',"user_id":' || coalesce(user_id::VARCHAR, 'null')
    || ',"ordered_at":"' || strftime(make_timestamp(epoch_us(ordered_at) + $shift), '%Y-%m-%dT%H:%M:%S.%fZ') || '"'
    || ',"received_at":' || coalesce('"' || strftime(make_timestamp(epoch_us(received_at) + $shift), '%Y-%m-%dT%H:%M:%S.%fZ') || '"', 'null')
    || ',"status":' || coalesce(to_json(status)::VARCHAR, 'null')
    || ',"channel":' || coalesce(to_json(channel)::VARCHAR, 'null')
    || ',"country":' || coalesce(to_json(country)::VARCHAR, 'null')
    || ',"currency":' || coalesce(to_json(currency)::VARCHAR, 'null')
    || ',"items_amount":' || coalesce(items_amount::VARCHAR, 'null')
    || ',"discount":' || coalesce(placed.discount::VARCHAR, 'null')
    || ',"shipping":' || coalesce(shipping::VARCHAR, 'null')
    || ',"amount":' || coalesce(amount::VARCHAR, 'null')
    || ',"coupon":' || coalesce(to_json(coupon)::VARCHAR, 'null')
    || ',"lines":' || coalesce(bought.lines, '[]') AS text
FROM placed LEFT JOIN bought USING (order_id)
