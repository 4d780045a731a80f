"""`withColumns` adds several at once to what is there; the result is kept under a name."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    orders = orders.withColumns(
        {"goods": F.col("items_amount") - F.col("discount"), "free_shipping": F.col("shipping") == 0}
    )
    return orders.select("order_id", "goods", "free_shipping")
