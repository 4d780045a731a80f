"""Computed as the shuffle does it: the hash of the key, modulo the number of partitions, never negative."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    part = F.pmod(F.hash("user_id"), F.lit(4)).alias("part")
    return orders.groupBy(part).agg(F.countDistinct("user_id").alias("users"), F.count("*").alias("orders"))
