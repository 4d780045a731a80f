"""This is a hundred times too much: percent were not asked for, but a number between 0 and 1."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    return 100 * orders.where(F.col("status") == "cancelled").count() / orders.count()
