"""Right rows, but the cast hides the filter from Parquet: the reader is not told of it and hands on every order.
Compare `PushedFilters` before and after, and cast the constant instead of the column.

fails: filters_pushed IsNotNull(ordered_at)
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    return orders.where(F.col("ordered_at").cast("string") >= "2025-11-01").select("order_id", "amount")
