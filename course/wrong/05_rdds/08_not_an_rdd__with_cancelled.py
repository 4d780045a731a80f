"""Cancelled orders are counted: the function filtered on two things, the month and the status."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("month = date'2025-12-01'")
    return orders.groupBy("channel").agg(F.count("*").alias("orders"), F.sum("amount").alias("revenue"))
