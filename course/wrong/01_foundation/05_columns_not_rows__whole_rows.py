"""Right rows, but all columns are read: `dropDuplicates()` compares whole rows, and there are none to drop. Leave it
out, or name the key.

fails: columns_read
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    items = lake.read("silver.order_items").dropDuplicates()
    return items.groupBy("product_id").agg(F.count("*").alias("lines"), F.sum("quantity").alias("pieces"))
