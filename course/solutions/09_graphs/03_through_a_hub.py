"""Each edge says something of both its ends: one row for each, one grouping, and a product."""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows")
    into = F.struct(F.col("followee_id").alias("user_id"), F.lit(1).alias("into"), F.lit(0).alias("out"))
    out = F.struct(F.col("follower_id").alias("user_id"), F.lit(0).alias("into"), F.lit(1).alias("out"))
    ends = follows.select(F.explode(F.array(into, out)).alias("end")).select("end.*")
    counts = ends.groupBy("user_id").agg(F.sum("into").alias("into"), F.sum("out").alias("out"))
    return counts.select("user_id", (F.col("into") * F.col("out")).alias("paths")).where("paths > 0")
