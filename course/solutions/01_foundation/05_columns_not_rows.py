"""Two columns are named, and two are read."""

from pyspark.sql import functions as F


def answer(spark, lake):
    items = lake.read("silver.order_items")
    return items.groupBy("product_id").agg(F.count("*").alias("lines"), F.sum("quantity").alias("pieces"))
