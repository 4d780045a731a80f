"""The days are right, but orders of the other channels are there, too. `:channel` is not used in the text."""

from datetime import date


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    text = """
        SELECT order_id, ordered_at, amount
        FROM orders
        WHERE ordered_at >= :since AND ordered_at < :until
    """
    return spark.sql(text, args={"since": date(2025, 11, 10), "until": date(2025, 11, 17)})
