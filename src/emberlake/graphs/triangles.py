"""Triangles: three vertices that are all neighbours, and how close to them a neighbourhood is.

Source: Schank and Wagner, Finding, counting and listing all triangles in large graphs (2005): every pair points from
the end with fewer neighbours to the one with more, and each triangle is found once, at its end with the fewest. No
vertex points to more than √(2 m) others, so that a hub with a million followers costs no more than they do; Cohen,
Graph twiddling in a MapReduce world (2009), does so with joins.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.graph import Graph
    from emberlake.graphs.rounds import Rounds


def triangles(graph: Graph, rounds: Rounds) -> DataFrame:
    """Triangles at each vertex, and its clustering coefficient; every vertex has a row.

    Direction is left aside, edges that repeat count once, those from a vertex to itself not at all. The coefficient
    is the share of a vertex's pairs of neighbours that are neighbours themselves: Watts and Strogatz, Collective
    dynamics of small-world networks (1998).

    Args:
        rounds: where the pairs are kept.

    Returns:
        id, neighbours, triangles (long), clustering (double; null with fewer than two neighbours, where igraph has
        NaN).
    """
    own = rounds.part("triangles")
    pairs = own.write("pairs", _pairs(graph))
    neighbours = own.write("neighbours", _neighbours(pairs))
    pointing = own.write("pointing", _pointing(pairs, neighbours))
    counted = _corners(pointing).groupBy("id").agg(F.count("*").alias("triangles"))
    rows = graph.vertices.select("id").join(neighbours, "id", "left")
    rows = rows.join(counted, "id", "left").select(
        "id",
        F.coalesce("neighbours", F.lit(0).cast("long")).alias("neighbours"),
        F.coalesce("triangles", F.lit(0).cast("long")).alias("triangles"),
    )
    possible = F.col("neighbours") * (F.col("neighbours") - 1) / 2
    share = F.when(F.col("neighbours") > 1, F.col("triangles") / possible)
    return own.write("triangles", rows.withColumn("clustering", share))


def _pairs(graph: Graph) -> DataFrame:
    """Every pair of neighbours once: low, high."""
    low, high = F.least("src", "dst").alias("low"), F.greatest("src", "dst").alias("high")
    return graph.edges.where("src <> dst").select(low, high).distinct()


def _neighbours(pairs: DataFrame) -> DataFrame:
    ends = pairs.select(F.col("low").alias("id")).unionAll(pairs.select(F.col("high").alias("id")))
    return ends.groupBy("id").agg(F.count("*").alias("neighbours"))


def _pointing(pairs: DataFrame, neighbours: DataFrame) -> DataFrame:
    """Every pair from the end with fewer neighbours, of equals from the smaller id.

    Returns:
        a, b, and b_neighbours: how many b has.
    """
    for end in ("low", "high"):
        pairs = pairs.join(neighbours.withColumnsRenamed({"id": end, "neighbours": f"{end}_neighbours"}), end)
    forward = F.col("low_neighbours") <= F.col("high_neighbours")
    return pairs.select(
        F.when(forward, F.col("low")).otherwise(F.col("high")).alias("a"),
        F.when(forward, F.col("high")).otherwise(F.col("low")).alias("b"),
        F.greatest("low_neighbours", "high_neighbours").alias("b_neighbours"),
    )


def _corners(pointing: DataFrame) -> DataFrame:
    """The corners of all triangles: id, as often as there are triangles at it."""
    other = pointing.withColumnsRenamed({"b": "c", "b_neighbours": "c_neighbours"})
    fewer = (F.col("b_neighbours") < F.col("c_neighbours")) | (
        (F.col("b_neighbours") == F.col("c_neighbours")) & (F.col("b") < F.col("c"))
    )
    wedges = pointing.join(other, "a").where(fewer).select("a", "b", "c")
    closing = pointing.select(F.col("a").alias("b"), F.col("b").alias("c"))
    closed = wedges.join(closing, ["b", "c"])
    return closed.select(F.explode(F.array("a", "b", "c")).alias("id"))


def transitivity(of: DataFrame) -> float:
    """The share of all pairs of a common neighbour that are neighbours: Newman, Networks (2nd ed. 2018), section 7.3.

    Args:
        of: what `triangles` returned.

    Returns:
        0 to 1; NaN where nobody has two neighbours.
    """
    possible = F.sum(F.col("neighbours") * (F.col("neighbours") - 1) / 2)
    row = of.agg(F.sum("triangles"), possible).first()
    return row[0] / row[1] if row and row[1] else math.nan
