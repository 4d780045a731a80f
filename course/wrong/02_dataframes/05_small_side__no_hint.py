"""Right rows, but both sides are shuffled by `product_id` and sorted, all order lines among them. The products are
few: `F.broadcast(products)` leaves the lines where they are.

fails: broadcast no side
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    items = lake.read("silver.order_items")
    products = lake.read("silver.products")
    joined = items.join(products, "product_id")
    return joined.groupBy("category").agg(F.sum(F.col("quantity") * F.col("unit_price")).alias("revenue"))
