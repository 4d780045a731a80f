"""Count each direction by itself, and keep every vertex."""

from pyspark.sql import functions as F


def answer(spark, lake):
    users = lake.read("silver.users").select("user_id")
    follows = lake.read("silver.follows")
    into = follows.groupBy(F.col("followee_id").alias("user_id")).agg(F.count("*").alias("followers"))
    out = follows.groupBy(F.col("follower_id").alias("user_id")).agg(F.count("*").alias("following"))
    zero = F.lit(0)
    return (
        users.join(into, "user_id", "left")
        .join(out, "user_id", "left")
        .select(
            "user_id",
            F.coalesce("followers", zero).alias("followers"),
            F.coalesce("following", zero).alias("following"),
        )
    )
