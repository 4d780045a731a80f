"""Users are missing: nobody follows some, and some follow nobody. Both joins have to keep every vertex, and what
finds no match counts as 0."""

from pyspark.sql import functions as F


def answer(spark, lake):
    users = lake.read("silver.users").select("user_id")
    follows = lake.read("silver.follows")
    into = follows.groupBy(F.col("followee_id").alias("user_id")).agg(F.count("*").alias("followers"))
    out = follows.groupBy(F.col("follower_id").alias("user_id")).agg(F.count("*").alias("following"))
    return users.join(into, "user_id").join(out, "user_id")
