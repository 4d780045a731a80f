"""The cancelled orders are divided by those that were not cancelled: a share is a part of all. Divide by
`orders.count()`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    cancelled = orders.where(F.col("status") == "cancelled").count()
    return cancelled / orders.where(F.col("status") != "cancelled").count()
