"""The shares are of the follows that lead to the community, whoever they are from. Group by the community of the
follower."""

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
    shares = edges.groupBy(F.col("other").alias("community")).agg((inside / F.count("*")).alias("inside"))
    users = of.groupBy("community").agg(F.count("*").alias("users"))
    return users.where("users > 1").join(shares, "community", "left")
