"""Users are counted several times: `order_id` is different in every row, so its hash spreads the orders of one user
over all partitions. What has to meet is the key of the shuffle."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").repartition(4, "order_id")
    placed = orders.select("user_id", F.spark_partition_id().alias("part"))
    return placed.groupBy("part").agg(F.countDistinct("user_id").alias("users"), F.count("*").alias("orders"))
