"""Triangles are missing: a → b → c → a is asked for, and most triangles do not run round in a circle. Which way
somebody follows does not count here: put the lower number first."""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows").select(F.col("follower_id").alias("a"), F.col("followee_id").alias("b"))
    second = follows.select(F.col("a").alias("b"), F.col("b").alias("c"))
    third = follows.select(F.col("a").alias("c"), F.col("b").alias("a"))
    circles = follows.join(second, "b").join(third, ["a", "c"])
    return circles.groupBy(F.col("a").alias("user_id")).agg(F.count("*").alias("triangles"))
