"""This is a DataFrame that would compute the number, not the number. An action is missing: `first()` fetches its one
row, and `["share"]` the value in it."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    share = F.avg((F.col("status") == "cancelled").cast("int")).alias("share")
    return orders.select(share)
