"""These are the edges at each user, in and out added up. Every one who comes in can leave by every way out: that is
a product."""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows")
    ends = follows.select(F.explode(F.array("follower_id", "followee_id")).alias("user_id"))
    return ends.groupBy("user_id").agg(F.count("*").alias("paths"))
