"""Join the edges with themselves turned around, and keep one of the two orders."""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows")
    there = follows.select(F.col("follower_id").alias("user_a"), F.col("followee_id").alias("user_b"), "followed_at")
    back = follows.select(
        F.col("followee_id").alias("user_a"),
        F.col("follower_id").alias("user_b"),
        F.col("followed_at").alias("back_at"),
    )
    pairs = there.where("user_a < user_b").join(back, ["user_a", "user_b"])
    return pairs.select("user_a", "user_b", F.greatest("followed_at", "back_at").alias("since"))
