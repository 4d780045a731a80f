"""Users are counted several times: without a column `repartition(4)` deals the rows out in turn, and a user's orders
lie in all four partitions. Name the key: `repartition(4, "user_id")`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").repartition(4)
    placed = orders.select("user_id", F.spark_partition_id().alias("part"))
    return placed.groupBy("part").agg(F.countDistinct("user_id").alias("users"), F.count("*").alias("orders"))
