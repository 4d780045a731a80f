"""Pairs of users and how close they are: all within two steps, or those that are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.errors import GraphError
from emberlake.graphs.links.measures import measured, shared
from emberlake.graphs.links.neighbours import how_many, neighbours

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.graph import Graph
    from emberlake.graphs.rounds import Rounds

# A user with n neighbours makes n² / 2 pairs, half a million here. What two users say by both following someone whom
# thousands follow is next to nothing: it weighs 1 / log(n) or 1 / n.
HUB_CAP = 1000


def pairs_within_two_hops(graph: Graph, rounds: Rounds, hub_cap: int | None = HUB_CAP) -> DataFrame:
    """All pairs with a common neighbour, and how close they are.

    Directions, loops and repeated edges do not count, as in igraph's `similarity_jaccard(loops=False)` and
    `similarity_inverse_log_weighted` of the simplified, undirected graph.

    Args:
        hub_cap: common neighbours with more neighbours than this are passed over, or the pairs of one of them would be
            more than all others together; None counts all.

    Returns:
        a, b (a < b), and a column each of `MEASURES`.
    """
    if hub_cap is not None and hub_cap < 2:
        raise GraphError(f"A hub cap of {hub_cap} leaves no common neighbour.", "Give 2 or more, or None for no cap.")
    near = rounds.write("neighbours", neighbours(graph))
    counts = rounds.write("neighbour_counts", how_many(near))
    middles = counts.where("degree > 1") if hub_cap is None else counts.where(F.col("degree").between(2, hub_cap))
    around = near.join(middles, "id")
    one = around.select(F.col("id").alias("middle"), "degree", F.col("neighbour").alias("a"))
    other = around.select(F.col("id").alias("middle"), F.col("neighbour").alias("b"))
    wedges = one.join(other, "middle").where("a < b").select("a", "b", "degree")
    return measured(rounds.write("shared", shared(wedges)), counts)


def score_pairs(graph: Graph, pairs: DataFrame, rounds: Rounds) -> DataFrame:
    """How close given pairs are, hubs counted.

    Of each pair, the user with fewer neighbours is looked at, and whether each of these is next to the other: the work
    is that of the smaller degrees, and a hub is never unfolded for an ordinary user.

    Args:
        pairs: a, b; in any order, other columns are left out.

    Returns:
        a, b as given, each pair once, and a column each of `MEASURES`; 0 where nothing is common.
    """
    near = rounds.write("neighbours", neighbours(graph))
    counts = rounds.write("neighbour_counts", how_many(near))
    asked = rounds.write("asked", pairs.select("a", "b").distinct())
    sums = shared(_wedges(asked, near, counts))
    sums = asked.join(sums, ["a", "b"], "left").fillna(0, ["common", "adamic_adar", "resource_allocation"])
    return measured(sums, counts)


def _wedges(asked: DataFrame, near: DataFrame, counts: DataFrame) -> DataFrame:
    of_a = counts.select(F.col("id").alias("a"), F.col("degree").alias("degree_a"))
    of_b = counts.select(F.col("id").alias("b"), F.col("degree").alias("degree_b"))
    fewer = F.col("degree_a") <= F.col("degree_b")
    ordered = (
        asked.where("a <> b").join(of_a, "a").join(of_b, "b")
        .select(
            "a", "b",
            F.when(fewer, F.col("a")).otherwise(F.col("b")).alias("small"),
            F.when(fewer, F.col("b")).otherwise(F.col("a")).alias("large"),
        )
    )  # fmt: skip
    unfolded = ordered.join(near.select(F.col("id").alias("small"), F.col("neighbour").alias("middle")), "small")
    beside = near.select(F.col("id").alias("large"), F.col("neighbour").alias("middle"))
    middles = counts.select(F.col("id").alias("middle"), "degree")
    return unfolded.join(beside, ["large", "middle"]).join(middles, "middle").select("a", "b", "degree")
