"""`select` with expressions: each one gets its name by `alias`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    goods = F.col("items_amount") - F.col("discount")
    free = F.col("shipping") == 0
    return orders.select("order_id", goods.alias("goods"), free.alias("free_shipping"))
