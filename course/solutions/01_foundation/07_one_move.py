"""Filter, group: one move, and only sums travel."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where(F.col("status") != "cancelled")
    return orders.groupBy("country").agg(F.count("*").alias("orders"), F.sum("amount").alias("revenue"))
