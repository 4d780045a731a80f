"""The column stays as it is; the constant takes the column's type."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    since = F.lit("2025-11-01").cast("timestamp")
    return orders.where(F.col("ordered_at") >= since).select("order_id", "amount")
