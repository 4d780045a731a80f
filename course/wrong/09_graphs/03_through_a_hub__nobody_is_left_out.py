"""Users with 0 paths are here: whoever has no follower, or follows nobody, is in the middle of nothing. Keep `paths
> 0`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows")
    into = F.struct(F.col("followee_id").alias("user_id"), F.lit(1).alias("into"), F.lit(0).alias("out"))
    out = F.struct(F.col("follower_id").alias("user_id"), F.lit(0).alias("into"), F.lit(1).alias("out"))
    ends = follows.select(F.explode(F.array(into, out)).alias("end")).select("end.*")
    counts = ends.groupBy("user_id").agg(F.sum("into").alias("into"), F.sum("out").alias("out"))
    return counts.select("user_id", (F.col("into") * F.col("out")).alias("paths"))
