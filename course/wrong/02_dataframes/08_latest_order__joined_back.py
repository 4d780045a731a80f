"""Right rows, but the orders are read twice: once to find the latest moment, once to find its row
again (and two orders of one moment would both stay). A window finds the row in one pass.

fails: at_most_reads
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    latest = orders.groupBy("user_id").agg(F.max("ordered_at").alias("ordered_at"))
    return latest.join(orders, ["user_id", "ordered_at"]).select("user_id", "order_id", "ordered_at", "amount")
