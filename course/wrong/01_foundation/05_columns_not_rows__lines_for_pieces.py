"""`pieces` is the number of lines again: `count` counts rows whatever is in them. The pieces of a line are in
`quantity`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    items = lake.read("silver.order_items")
    return items.groupBy("product_id").agg(F.count("*").alias("lines"), F.count("quantity").alias("pieces"))
