"""`highest` is far above any order: it is the channel's sum. Look at the function in `agg`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    return orders.groupBy("channel").agg(F.count("*").alias("orders"), F.sum("amount").alias("highest"))
