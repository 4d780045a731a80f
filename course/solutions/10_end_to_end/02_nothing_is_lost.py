"""Three counts, then two joins of a few rows each."""

from pyspark.sql import functions as F


def answer(spark, lake):
    def count(table, name):
        return lake.read(table).groupBy("_load_id").agg(F.count("*").alias(name))

    books = count("bronze.orders", "read").join(count("silver.orders", "accepted"), "_load_id", "left")
    books = books.join(count("quarantine.orders", "refused"), "_load_id", "left").na.fill(0)
    return books.withColumn("lost", F.expr("read - accepted - refused"))
