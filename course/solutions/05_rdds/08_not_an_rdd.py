"""The filter, the grouping and the sums are Spark's own, so that it can plan with them."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("month = date'2025-12-01' AND status != 'cancelled'")
    return orders.groupBy("channel").agg(F.count("*").alias("orders"), F.sum("amount").alias("revenue"))
