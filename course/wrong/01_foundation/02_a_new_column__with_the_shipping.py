"""`goods` has the shipping in it: `amount` is what the customer pays in all. Begin with `items_amount`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    free = F.col("shipping") == 0
    return orders.select("order_id", F.col("amount").alias("goods"), free.alias("free_shipping"))
