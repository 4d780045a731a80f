"""Pairs are here of whom only one follows the other: least and greatest throw away which way an edge leads, so that
one edge looks like two. Join each edge with one that leads back."""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows")
    low, high = F.least("follower_id", "followee_id"), F.greatest("follower_id", "followee_id")
    return follows.groupBy(low.alias("user_a"), high.alias("user_b")).agg(F.max("followed_at").alias("since"))
