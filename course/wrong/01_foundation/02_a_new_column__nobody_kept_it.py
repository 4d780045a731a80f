"""The new column is not there: `withColumn` leaves its DataFrame as it was and returns another one, which nobody
kept. Write `orders = orders.withColumn(…)`, or chain the calls.

fails: error UNRESOLVED_COLUMN
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    orders.withColumn("goods", F.col("items_amount") - F.col("discount"))
    orders.withColumn("free_shipping", F.col("shipping") == 0)
    return orders.select("order_id", "goods", "free_shipping")
