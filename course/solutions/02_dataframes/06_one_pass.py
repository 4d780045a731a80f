"""One grouping, a condition in each sum."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    status, amount = F.col("status"), F.col("amount")
    return orders.groupBy("user_id").agg(
        F.sum(F.when(~status.isin("cancelled", "returned"), amount).otherwise(0)).alias("kept"),
        F.sum(F.when(status == "returned", amount).otherwise(0)).alias("sent_back"),
    )
