"""The hint stands at the side that is sent."""

from pyspark.sql import functions as F


def answer(spark, lake):
    items = lake.read("silver.order_items")
    products = lake.read("silver.products")
    joined = items.join(F.broadcast(products), "product_id")
    return joined.groupBy("category").agg(F.sum(F.col("quantity") * F.col("unit_price")).alias("revenue"))
