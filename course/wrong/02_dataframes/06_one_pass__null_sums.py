"""Users without such an order have null instead of 0: a sum of nothing is null. Give `when` an `otherwise`, or the
sum a `coalesce`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    status, amount = F.col("status"), F.col("amount")
    return orders.groupBy("user_id").agg(
        F.sum(F.when(~status.isin("cancelled", "returned"), amount)).alias("kept"),
        F.sum(F.when(status == "returned", amount)).alias("sent_back"),
    )
