"""Shuffle, note the number, group by it."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").repartition(4, "user_id")
    placed = orders.select("user_id", F.spark_partition_id().alias("part"))
    return placed.groupBy("part").agg(F.countDistinct("user_id").alias("users"), F.count("*").alias("orders"))
