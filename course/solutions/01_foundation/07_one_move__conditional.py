"""The filter as a part of the sums, and empty groups left out: one move, too, but every row is grouped."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    kept = F.col("status") != "cancelled"
    sums = orders.groupBy("country").agg(
        F.count_if(kept).alias("orders"), F.sum(F.when(kept, F.col("amount"))).alias("revenue")
    )
    return sums.where("orders > 0")
