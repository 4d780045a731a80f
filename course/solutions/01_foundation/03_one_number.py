"""Two actions, and a division in Python."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    return orders.where(F.col("status") == "cancelled").count() / orders.count()
