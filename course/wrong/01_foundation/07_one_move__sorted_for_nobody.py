"""Right rows, but they moved twice: the second shuffle sorts them, and no order was asked for. Look for
`rangepartitioning` in the plan.

fails: at_most_shuffles sorted into
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where(F.col("status") != "cancelled")
    sums = orders.groupBy("country").agg(F.count("*").alias("orders"), F.sum("amount").alias("revenue"))
    return sums.orderBy("country")
