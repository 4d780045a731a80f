-- What k-means sees: counts and money as logarithms, so that twice as much is one step wherever it begins.
SELECT
    *,
    ln(orders) AS log_orders,
    ln(1 + recency_days) AS log_recency,
    ln(1 + average_order_value) AS log_value,
    ln(coalesce(lines_per_order, 1)) AS log_lines,
    coalesce(price_level, 0.0) AS level
FROM __THIS__
