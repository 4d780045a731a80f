"""Every edge as two rows, one for each end; a vertex's own row is worth nothing, and one grouping serves all."""

from pyspark.sql import functions as F


def answer(spark, lake):
    users = lake.read("silver.users").select("user_id", F.lit(0).alias("into"), F.lit(0).alias("out"))
    follows = lake.read("silver.follows")
    into = follows.select(F.col("followee_id").alias("user_id"), F.lit(1).alias("into"), F.lit(0).alias("out"))
    out = follows.select(F.col("follower_id").alias("user_id"), F.lit(0).alias("into"), F.lit(1).alias("out"))
    known = users.select("user_id")
    ends = users.unionAll(into).unionAll(out).groupBy("user_id")
    return ends.agg(F.sum("into").alias("followers"), F.sum("out").alias("following")).join(
        known, "user_id", "left_semi"
    )
