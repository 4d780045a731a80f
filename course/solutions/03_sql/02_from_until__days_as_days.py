"""The moments made days, then BETWEEN is right. The price: a cast on the column, which hides the filter from
Parquet."""

from datetime import date


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    text = """
        SELECT order_id, ordered_at, amount
        FROM orders
        WHERE channel = :channel AND CAST(ordered_at AS DATE) BETWEEN :first AND :last
    """
    return spark.sql(text, args={"channel": "web", "first": date(2025, 11, 10), "last": date(2025, 11, 16)})
