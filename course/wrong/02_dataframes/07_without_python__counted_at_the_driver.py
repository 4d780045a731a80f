"""Right rows, but every order came to the driver to be counted there: that ends where its memory ends. Let the
grouping happen where the rows are.

fails: rows_to_driver
"""

from collections import Counter


def answer(spark, lake):
    amounts = [row.amount for row in lake.read("silver.orders").select("amount").collect()]
    counts = Counter("small" if each < 50 else "medium" if each < 200 else "large" for each in amounts)
    return spark.createDataFrame(list(counts.items()), "band string, orders long")
