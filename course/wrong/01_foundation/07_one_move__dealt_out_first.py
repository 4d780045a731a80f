"""Right rows, but all orders moved before they were grouped: `repartition` shuffles them whole, and `groupBy`
shuffles again, by another key. Leave it out: grouping needs no help.

fails: at_most_shuffles dealt out
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where(F.col("status") != "cancelled").repartition(8)
    return orders.groupBy("country").agg(F.count("*").alias("orders"), F.sum("amount").alias("revenue"))
