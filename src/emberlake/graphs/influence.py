"""How each user stands among those who follow each other, and what their communities are: rows of gold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.graphs.components import components
from emberlake.graphs.degrees import degrees
from emberlake.graphs.pagerank import pagerank
from emberlake.graphs.triangles import triangles
from emberlake.tables import GRAPHS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.graph import Graph
    from emberlake.graphs.rounds import Rounds


def influence(graph: Graph, member: DataFrame, rounds: Rounds) -> DataFrame:
    """Rank, degrees, community, component and triangles of each user.

    Args:
        graph: who follows whom, directed.
        member: id, community: of every vertex.

    Returns:
        The columns of gold.influence.
    """
    rows = pagerank(graph, rounds).join(degrees(graph), "id").join(member, "id")
    rows = rows.join(components(graph, rounds), "id").join(triangles(graph, rounds), "id")
    place = F.row_number().over(Window.orderBy(F.col("rank").desc(), "id")).cast("long")
    named = rows.select(
        F.col("id").alias("user_id"), place.alias("place"), "rank", F.col("in_degree").alias("followers"),
        F.col("out_degree").alias("following"), "community", "component", "triangles", "clustering",
    )  # fmt: skip
    return named.select(*(F.col(column.name).cast(column.type) for column in GRAPHS["influence"].columns))


def communities(graph: Graph, who: DataFrame) -> DataFrame:
    """How large each community is, how much of what its users follow stays inside, and who leads it.

    Args:
        graph: who follows whom, directed.
        who: gold.influence.

    Returns:
        The columns of gold.communities.
    """
    of = {
        end: who.select(F.col("user_id").alias(end), F.col("community").alias(f"{end}_community"))
        for end in ("src", "dst")
    }
    between = graph.edges.select("src", "dst").join(of["src"], "src").join(of["dst"], "dst")
    counted = between.groupBy("src_community", "dst_community").agg(F.count("*").alias("_follows"))
    same = F.col("src_community") == F.col("dst_community")
    follows = F.col("_follows")
    sides = F.array(
        F.struct(F.col("src_community").alias("community"), F.when(same, follows).otherwise(0).alias("follows_inside"),
                 F.when(same, 0).otherwise(follows).alias("follows_out"), F.lit(0).cast("long").alias("follows_in")),
        F.struct(F.col("dst_community").alias("community"), F.lit(0).cast("long").alias("follows_inside"),
                 F.lit(0).cast("long").alias("follows_out"), F.when(same, 0).otherwise(follows).alias("follows_in")),
    )  # fmt: skip
    names = ("follows_inside", "follows_out", "follows_in")
    sums = counted.select(F.inline(sides)).groupBy("community").agg(*(F.sum(name).alias(name) for name in names))
    sizes = who.groupBy("community").agg(F.count("*").alias("users"), F.min_by("user_id", "place").alias("leader_id"))
    rows = sizes.join(sums, "community", "left").fillna(0, names)
    said = F.col("follows_inside") + F.col("follows_out")
    share = F.when(said > 0, F.col("follows_inside") / said)
    rows = rows.withColumn("inside_share", share)
    return rows.select(*(F.col(column.name).cast(column.type) for column in GRAPHS["communities"].columns))
