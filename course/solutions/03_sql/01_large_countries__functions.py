"""With functions a filter after `agg` is what HAVING is in SQL."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where(F.col("status") != "cancelled")
    sums = orders.groupBy("country").agg(
        F.count("*").alias("orders"), F.sum("amount").alias("revenue"), F.avg("amount").alias("average")
    )
    return sums.where("average > 200").drop("average")
