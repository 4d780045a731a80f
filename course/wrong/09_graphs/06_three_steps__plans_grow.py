"""Right rows, but each level's plan holds all before it, and the answer's plan reads the follows again. Write each
level to a folder of `lake.scratch` and read it back.

fails: at_most_reads
"""

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
        new = near.join(reached, "user_id", "left_anti").withColumn("steps", F.lit(step))
        reached = reached.unionAll(new)
    return reached
