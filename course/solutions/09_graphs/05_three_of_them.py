"""Edges from the lower to the higher number, each once: a triangle has one such edge for each two of its corners."""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows").where("follower_id <> followee_id")
    low, high = F.least("follower_id", "followee_id"), F.greatest("follower_id", "followee_id")
    pairs = follows.select(low.alias("a"), high.alias("b")).distinct()
    wedges = pairs.join(pairs.select(F.col("a").alias("b"), F.col("b").alias("c")), "b")
    closed = wedges.join(pairs.select("a", F.col("b").alias("c")), ["a", "c"])
    corners = closed.select(F.explode(F.array("a", "b", "c")).alias("user_id"))
    return corners.groupBy("user_id").agg(F.count("*").alias("triangles"))
