"""There are too few orders: `F.count("coupon")` counts the rows in which `coupon` is not null. `F.count("*")` counts
rows."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    return orders.groupBy("channel").agg(F.count("coupon").alias("orders"), F.max("amount").alias("highest"))
