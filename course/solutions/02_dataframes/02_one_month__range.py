"""A range of the partition column chooses folders as well."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    month, first, after = F.col("month"), F.lit("2025-11-01").cast("date"), F.lit("2025-12-01").cast("date")
    november = orders.where((month >= first) & (month < after) & (F.col("status") != "cancelled"))
    return november.groupBy("country").agg(F.sum("amount").alias("revenue"))
