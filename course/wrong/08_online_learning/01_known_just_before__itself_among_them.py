"""Every order has seen itself: `orders_before` is never 0, and `mean_before` holds the amount that is to be
foretold. End the window at the row before: `rowsBetween(Window.unboundedPreceding, -1)`."""

from pyspark.sql import Window
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    before = (
        Window.partitionBy("user_id")
        .orderBy("ordered_at", "order_id")
        .rowsBetween(Window.unboundedPreceding, Window.currentRow)
    )
    return orders.select(
        "order_id", F.count("*").over(before).alias("orders_before"), F.avg("amount").over(before).alias("mean_before")
    )
