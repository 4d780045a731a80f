"""The orders that were cancelled are counted, too. Filter before you group."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    return orders.groupBy("country").agg(F.count("*").alias("orders"), F.sum("amount").alias("revenue"))
