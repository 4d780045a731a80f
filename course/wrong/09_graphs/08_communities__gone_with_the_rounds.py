"""Nothing came: what `louvain` returned lay in the rounds' folder, which is gone when the `with` ends. Write it to a
folder of `lake.scratch` within the `with`, and read that."""

from pathlib import Path

from pyspark.sql import functions as F

from emberlake.graphs import Rounds, building, louvain


def answer(spark, lake):
    tables = {name: lake.read(name) for name in building.READS["follows"]}
    graph = building.quietened(building.follows(tables))
    with Rounds(spark, Path(lake.scratch("rounds"))) as rounds:
        of = louvain(graph, rounds)
    ends = tables["silver.follows"]
    src = of.select(F.col("id").alias("follower_id"), F.col("community"))
    dst = of.select(F.col("id").alias("followee_id"), F.col("community").alias("other"))
    edges = ends.join(src, "follower_id").join(dst, "followee_id")
    inside = F.count_if(F.col("community") == F.col("other"))
    shares = edges.groupBy("community").agg((inside / F.count("*")).alias("inside"))
    users = of.groupBy("community").agg(F.count("*").alias("users"))
    return users.where("users > 1").join(shares, "community", "left")
