"""`free_shipping` holds words. A comparison is true or false already, and needs no `when` around it."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    goods = F.col("items_amount") - F.col("discount")
    free = F.when(F.col("shipping") == 0, "true").otherwise("false")
    return orders.select("order_id", goods.alias("goods"), free.alias("free_shipping"))
