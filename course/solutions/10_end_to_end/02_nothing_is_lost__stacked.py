"""The three tables one below the other, each row with where it is from, and one grouping."""

from pyspark.sql import functions as F


def answer(spark, lake):
    parts = [
        lake.read(f"{layer}.orders").select("_load_id", F.lit(layer).alias("layer"))
        for layer in ("bronze", "silver", "quarantine")
    ]
    rows = parts[0].unionAll(parts[1]).unionAll(parts[2])
    counted = [
        F.count_if(F.col("layer") == layer).alias(name)
        for layer, name in (("bronze", "read"), ("silver", "accepted"), ("quarantine", "refused"))
    ]
    return rows.groupBy("_load_id").agg(*counted).withColumn("lost", F.expr("read - accepted - refused"))
