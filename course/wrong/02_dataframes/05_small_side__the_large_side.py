"""Right rows, but the order lines are the side that is sent to every task, and there is no end to them: a shop grows
by lines. Put the hint at the products.

fails: broadcast silver.order_items
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    items = lake.read("silver.order_items")
    products = lake.read("silver.products")
    joined = products.join(F.broadcast(items), "product_id")
    return joined.groupBy("category").agg(F.sum(F.col("quantity") * F.col("unit_price")).alias("revenue"))
