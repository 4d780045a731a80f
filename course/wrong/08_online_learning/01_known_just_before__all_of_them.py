"""All orders of a user have the same figures: a group knows the whole life of a customer, also what comes after the
order. Use a window that is sorted by time."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    known = orders.groupBy("user_id").agg(F.count("*").alias("orders_before"), F.avg("amount").alias("mean_before"))
    return orders.join(known, "user_id").select("order_id", "orders_before", "mean_before")
