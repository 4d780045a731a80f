"""SQL's FILTER says the same."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    kept = F.expr("coalesce(sum(amount) filter (where status not in ('cancelled', 'returned')), 0)")
    sent_back = F.expr("coalesce(sum(amount) filter (where status = 'returned'), 0)")
    return orders.groupBy("user_id").agg(kept.alias("kept"), sent_back.alias("sent_back"))
