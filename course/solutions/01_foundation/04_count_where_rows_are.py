"""Grouped where the rows are: each task sends one row a channel."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    return orders.groupBy("channel").agg(F.count("*").alias("orders"), F.max("amount").alias("highest"))
