"""The numbers are products: every row of a load meets every refused row of it, and then all are counted. Count each
table first, then join the counts."""

from pyspark.sql import functions as F


def answer(spark, lake):
    bronze = lake.read("bronze.orders").select("_load_id")
    silver = lake.read("silver.orders").groupBy("_load_id").agg(F.count("*").alias("accepted"))
    refused = lake.read("quarantine.orders").select("_load_id", F.lit(1).alias("one"))
    rows = bronze.join(refused, "_load_id", "left").groupBy("_load_id")
    books = rows.agg(F.count("*").alias("read"), F.count("one").alias("refused"))
    books = books.join(silver, "_load_id", "left").na.fill(0)
    return books.withColumn("lost", F.expr("read - accepted - refused"))
