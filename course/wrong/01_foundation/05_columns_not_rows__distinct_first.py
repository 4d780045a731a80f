"""Lines are missing: two lines with the same product and the same quantity look alike once the other columns are
gone, and `distinct()` keeps one of them. They are two sales."""

from pyspark.sql import functions as F


def answer(spark, lake):
    items = lake.read("silver.order_items").select("product_id", "quantity").distinct()
    return items.groupBy("product_id").agg(F.count("*").alias("lines"), F.sum("quantity").alias("pieces"))
