"""The identifiers put together first, then one grouping for all."""

from pyspark.sql import functions as F


def answer(spark, lake):
    def identifiers(layer):
        return lake.read(f"{layer}.orders").select(F.lit(layer).alias("layer"), "order_id")

    every = identifiers("bronze").union(identifiers("quarantine")).union(identifiers("silver"))
    return every.groupBy("layer").agg(F.count("*").alias("rows"), F.countDistinct("order_id").alias("orders"))
