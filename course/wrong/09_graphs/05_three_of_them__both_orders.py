"""Every number is twice too high: at each corner the other two are found in both orders. Ask for a < b < c, and give
the triangle that is found once to all three of its corners."""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows").where("follower_id <> followee_id")
    there = follows.select(F.col("follower_id").alias("a"), F.col("followee_id").alias("b"))
    back = follows.select(F.col("followee_id").alias("a"), F.col("follower_id").alias("b"))
    pairs = there.unionAll(back).distinct()
    wedges = pairs.join(pairs.select(F.col("a").alias("b"), F.col("b").alias("c")), "b")
    closed = wedges.join(pairs.select("a", F.col("b").alias("c")), ["a", "c"])
    return closed.groupBy(F.col("a").alias("user_id")).agg(F.count("*").alias("triangles"))
