"""Users are there several times: somebody who was reached in one step is reached in three, too. Take away who was
reached before: `left_anti`."""

from pyspark.sql import functions as F


def neighbours(lake):
    """Whose message reaches whom: from the followed to the follower."""
    follows = lake.read("silver.follows")
    return follows.select(F.col("followee_id").alias("src"), F.col("follower_id").alias("dst"))


def answer(spark, lake):
    arcs = neighbours(lake)
    star = lake.read("silver.follows").groupBy("followee_id").agg(F.count("*").alias("n"))
    first = star.orderBy(F.desc("n"), "followee_id").limit(1)
    reached = first.select(F.col("followee_id").alias("user_id"), F.lit(0).alias("steps"))
    for step in (1, 2, 3):
        last = reached.where(F.col("steps") == step - 1).select(F.col("user_id").alias("src"))
        near = arcs.join(last, "src").select(F.col("dst").alias("user_id")).distinct()
        new = near.withColumn("steps", F.lit(step))
        path = lake.scratch(f"reached-{step}")
        reached.unionAll(new).write.parquet(path)
        reached = spark.read.parquet(path)
    return reached
