"""Right rows, but the edges are read more than once: for a join of edges with edges, which makes every path in order
to count it, or for two counts that are joined. One reading will do: each edge can speak for both its ends.

fails: at_most_reads
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows")
    first = follows.select(F.col("followee_id").alias("user_id"))
    second = follows.select(F.col("follower_id").alias("user_id"))
    return first.join(second, "user_id").groupBy("user_id").agg(F.count("*").alias("paths"))
