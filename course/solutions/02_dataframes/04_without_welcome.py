"""`eqNullSafe` is true or false, never null."""

from pyspark.sql import functions as F


def answer(spark, lake):
    others = lake.read("silver.orders").where(~F.col("coupon").eqNullSafe("WELCOME5"))
    return others.groupBy("channel").agg(F.count("*").alias("orders"), F.sum("amount").alias("revenue"))
