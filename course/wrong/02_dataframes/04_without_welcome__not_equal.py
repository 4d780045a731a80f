"""Orders without a coupon are missing, and they are most: null compared with a text is null, which no filter lets
through. Look at `eqNullSafe`, or at `isNull`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    others = lake.read("silver.orders").where(F.col("coupon") != "WELCOME5")
    return others.groupBy("channel").agg(F.count("*").alias("orders"), F.sum("amount").alias("revenue"))
