"""Say what null means before it is compared."""

from pyspark.sql import functions as F


def answer(spark, lake):
    coupon = F.coalesce("coupon", F.lit("none"))
    others = lake.read("silver.orders").where(coupon != "WELCOME5")
    return others.groupBy("channel").agg(F.count("*").alias("orders"), F.sum("amount").alias("revenue"))
