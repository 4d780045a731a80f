"""Both edges of a pair have the same two ends in order: group by them, and keep groups with two starts."""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows").where("follower_id <> followee_id")
    low, high = F.least("follower_id", "followee_id"), F.greatest("follower_id", "followee_id")
    pairs = follows.groupBy(low.alias("user_a"), high.alias("user_b")).agg(
        F.countDistinct("follower_id").alias("ways"), F.max("followed_at").alias("since")
    )
    return pairs.where("ways = 2").drop("ways")
