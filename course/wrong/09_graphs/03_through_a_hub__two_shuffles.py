"""Right rows from one reading, but rows move twice: a count for each end, then another grouping to bring both
together. One grouping with two sums does it.

fails: at_most_shuffles
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows")
    into = F.struct(F.col("followee_id").alias("user_id"), F.lit("into").alias("way"))
    out = F.struct(F.col("follower_id").alias("user_id"), F.lit("out").alias("way"))
    ends = follows.select(F.explode(F.array(into, out)).alias("end")).select("end.*")
    counts = ends.groupBy("user_id", "way").agg(F.count("*").alias("n"))
    both = counts.groupBy("user_id").agg(
        F.sum(F.when(F.col("way") == "into", F.col("n"))).alias("into"),
        F.sum(F.when(F.col("way") == "out", F.col("n"))).alias("out"),
    )
    return both.select("user_id", (F.col("into") * F.col("out")).alias("paths")).where("paths > 0")
