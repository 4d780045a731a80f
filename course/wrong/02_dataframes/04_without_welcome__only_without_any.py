"""Orders with another coupon are missing: they did not use `WELCOME5` either. Keep both, null and other values."""

from pyspark.sql import functions as F


def answer(spark, lake):
    others = lake.read("silver.orders").where(F.col("coupon").isNull())
    return others.groupBy("channel").agg(F.count("*").alias("orders"), F.sum("amount").alias("revenue"))
