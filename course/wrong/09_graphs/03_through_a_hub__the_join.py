"""Right rows, but every path was made to be counted: the edges are read twice, joined, and a hub's followers meet
all whom the hub follows. The number is a product of two degrees.

fails: at_most_reads
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows")
    first = follows.select(F.col("followee_id").alias("user_id"))
    second = follows.select(F.col("follower_id").alias("user_id"))
    return first.join(second, "user_id").groupBy("user_id").agg(F.count("*").alias("paths"))
