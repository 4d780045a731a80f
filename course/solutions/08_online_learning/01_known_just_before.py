"""A window over the user's orders in their order, up to the row before."""

from pyspark.sql import Window
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    before = Window.partitionBy("user_id").orderBy("ordered_at", "order_id").rowsBetween(Window.unboundedPreceding, -1)
    return orders.select(
        "order_id", F.count("*").over(before).alias("orders_before"), F.avg("amount").over(before).alias("mean_before")
    )
