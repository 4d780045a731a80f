-- Clicks of a slice of time as messages. Order and session numbers move on with each loop, people and products stay.
SELECT
    1::TINYINT AS topic,
    epoch_us(occurred_at) + $shift AS micros,
    event_id + $ids AS id,
    (session_id + $ids)::VARCHAR AS key,
    '{"event_id":' || (event_id + $ids)
    || ',"session_id":' || (session_id + $ids)
    || ',"user_id":' || coalesce(user_id::VARCHAR, 'null')
    || ',"event":' || coalesce(to_json(event)::VARCHAR, 'null')
    || ',"occurred_at":"' || strftime(make_timestamp(epoch_us(occurred_at) + $shift), '%Y-%m-%dT%H:%M:%S.%fZ') || '"'
    || ',"device":' || coalesce(to_json(device)::VARCHAR, 'null')
    || ',"product_id":' || coalesce(product_id::VARCHAR, 'null')
    || ',"query":' || coalesce(to_json("query")::VARCHAR, 'null')
    || ',"order_id":' || coalesce((order_id + $ids)::VARCHAR, 'null') AS text
FROM events
WHERE occurred_at >= $since AND occurred_at < $until
