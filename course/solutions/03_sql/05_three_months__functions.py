"""The same windows with functions: `rowsBetween(-2, 0)` is the frame."""

from pyspark.sql import Window
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("status != 'cancelled'")
    months = orders.groupBy("month").agg(F.sum("amount").alias("revenue"))
    in_order = Window.orderBy("month")
    return months.select(
        "month",
        "revenue",
        F.lag("revenue").over(in_order).alias("before"),
        F.avg("revenue").over(in_order.rowsBetween(-2, 0)).alias("smooth"),
    )
