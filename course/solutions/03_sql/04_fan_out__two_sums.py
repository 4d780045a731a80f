"""Two questions, each at its own grain, joined when both are one row a country."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("status != 'cancelled'").select("order_id", "country", "amount")
    sums = orders.groupBy("country").agg(F.count("*").alias("orders"), F.sum("amount").alias("revenue"))
    payments = lake.read("silver.payments").select("order_id")
    attempts = payments.join(orders, "order_id").groupBy("country").agg(F.count("*").alias("attempts"))
    return sums.join(attempts, "country", "left").na.fill(0, ["attempts"])
