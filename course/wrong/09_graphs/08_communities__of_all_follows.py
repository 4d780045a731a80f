"""The shares are much too low: they are of all follows of the shop. Count the follows of the community's own users,
each edge at the community of its follower."""

from pathlib import Path

from pyspark.sql import functions as F

from emberlake.graphs import Rounds, building, louvain


def answer(spark, lake):
    tables = {name: lake.read(name) for name in building.READS["follows"]}
    graph = building.quietened(building.follows(tables))
    path = lake.scratch("communities")
    with Rounds(spark, Path(lake.scratch("rounds"))) as rounds:
        louvain(graph, rounds).write.parquet(path)
    of = spark.read.parquet(path)
    ends = tables["silver.follows"]
    src = of.select(F.col("id").alias("follower_id"), F.col("community"))
    dst = of.select(F.col("id").alias("followee_id"), F.col("community").alias("other"))
    edges = ends.join(src, "follower_id").join(dst, "followee_id")
    inside = F.count_if(F.col("community") == F.col("other"))
    shares = edges.groupBy("community").agg((inside / F.lit(ends.count())).alias("inside"))
    users = of.groupBy("community").agg(F.count("*").alias("users"))
    return users.where("users > 1").join(shares, "community", "left")
