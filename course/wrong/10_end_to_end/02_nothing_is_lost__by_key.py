"""Too few are refused: these are orders of which silver has no row at all. A copy of an order, or an older state of
it, is refused as well, and its `order_id` is in silver. Count the rows in quarantine."""

from pyspark.sql import functions as F


def answer(spark, lake):
    bronze = lake.read("bronze.orders")
    silver = lake.read("silver.orders")
    read = bronze.groupBy("_load_id").agg(F.count("*").alias("read"))
    accepted = silver.groupBy("_load_id").agg(F.count("*").alias("accepted"))
    out = bronze.join(silver.select("order_id"), "order_id", "left_anti")
    refused = out.groupBy("_load_id").agg(F.count("*").alias("refused"))
    books = read.join(accepted, "_load_id", "left").join(refused, "_load_id", "left").na.fill(0)
    return books.withColumn("lost", F.expr("read - accepted - refused"))
