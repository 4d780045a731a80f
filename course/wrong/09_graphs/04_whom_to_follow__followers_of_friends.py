"""The second step goes the wrong way: these follow somebody whom the user follows, too. A candidate is followed by
one whom the user follows."""

from pyspark.sql import Window
from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows").select("follower_id", "followee_id")
    first = follows.select(F.col("follower_id").alias("user_id"), F.col("followee_id").alias("friend_id"))
    second = follows.select(F.col("followee_id").alias("friend_id"), F.col("follower_id").alias("candidate_id"))
    known = follows.select(F.col("follower_id").alias("user_id"), F.col("followee_id").alias("candidate_id"))
    found = first.join(second, "friend_id").where("user_id <> candidate_id")
    new = found.join(known, ["user_id", "candidate_id"], "left_anti")
    counted = new.groupBy("user_id", "candidate_id").agg(F.count("*").alias("common"))
    best = Window.partitionBy("user_id").orderBy(F.desc("common"), "candidate_id")
    return counted.withColumn("place", F.row_number().over(best)).where("place <= 3")
