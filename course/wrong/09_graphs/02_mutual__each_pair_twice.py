"""Each pair is there twice, as (a, b) and as (b, a): a pattern that looks the same from both ends is found from
both. Ask for `user_a < user_b`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows")
    there = follows.select(F.col("follower_id").alias("user_a"), F.col("followee_id").alias("user_b"), "followed_at")
    back = follows.select(
        F.col("followee_id").alias("user_a"),
        F.col("follower_id").alias("user_b"),
        F.col("followed_at").alias("back_at"),
    )
    pairs = there.join(back, ["user_a", "user_b"])
    return pairs.select("user_a", "user_b", F.greatest("followed_at", "back_at").alias("since"))
