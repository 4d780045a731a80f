"""The revenue is right, but `orders` is not: `count` of a column leaves its nulls out. Count rows."""

from pyspark.sql import functions as F


def answer(spark, lake):
    others = lake.read("silver.orders").where(~F.col("coupon").eqNullSafe("WELCOME5"))
    return others.groupBy("channel").agg(F.count("coupon").alias("orders"), F.sum("amount").alias("revenue"))
