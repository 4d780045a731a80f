"""From the first day on, before the day after the last."""

from datetime import date


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    text = """
        SELECT order_id, ordered_at, amount
        FROM orders
        WHERE channel = :channel AND ordered_at >= :since AND ordered_at < :until
    """
    return spark.sql(text, args={"channel": "web", "since": date(2025, 11, 10), "until": date(2025, 11, 17)})
