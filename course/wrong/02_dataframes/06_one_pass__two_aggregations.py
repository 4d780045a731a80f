"""Right rows, but the orders are read and moved once for each sum, and joined again. One `groupBy` with
`F.sum(F.when(…))` for each needs one shuffle.

fails: at_most_shuffles partitions; rows with the same user_id
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    users = orders.select("user_id").distinct()
    kept = orders.where("status not in ('cancelled', 'returned')").groupBy("user_id").agg(F.sum("amount").alias("kept"))
    back = orders.where("status = 'returned'").groupBy("user_id").agg(F.sum("amount").alias("sent_back"))
    return users.join(kept, "user_id", "left").join(back, "user_id", "left").fillna(0)
