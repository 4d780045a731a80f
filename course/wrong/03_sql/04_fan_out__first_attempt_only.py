"""`orders` and `revenue` are right, but `attempts` is nowhere higher than `orders`: duplicates were dropped from the
payments before they were counted. Count them by order, and join the count."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("status != 'cancelled'").select("order_id", "country", "amount")
    payments = lake.read("silver.payments").select("order_id", "payment_id").dropDuplicates(["order_id"])
    joined = orders.join(payments, "order_id", "left")
    return joined.groupBy("country").agg(
        F.count("*").alias("orders"), F.sum("amount").alias("revenue"), F.count("payment_id").alias("attempts")
    )
