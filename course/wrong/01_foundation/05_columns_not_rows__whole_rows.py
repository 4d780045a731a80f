"""Right rows, but all columns are read: `dropDuplicates()` and `distinct()` compare whole rows, and there are none to
drop. Leave it out: by its key no line comes twice.

fails: columns_read discount, line
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    items = lake.read("silver.order_items").dropDuplicates()
    return items.groupBy("product_id").agg(F.count("*").alias("lines"), F.sum("quantity").alias("pieces"))
