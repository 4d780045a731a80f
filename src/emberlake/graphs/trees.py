"""Trees of who invited whom: the first of each, how far down somebody stands, and how many came through them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.graph import Graph
    from emberlake.graphs.rounds import Rounds


def trees(graph: Graph, rounds: Rounds) -> DataFrame:
    """Where each vertex of a forest stands, by pointer jumping: rounds grow with the logarithm of the height.

    In round k every vertex knows its ancestor 2^k above it, and asks that one for what lies further up; and counts for
    it, who asked. Source: Wyllie, The complexity of parallel computations (1979); JáJá, An introduction to parallel
    algorithms (1992), section 2.2.

    Args:
        graph: directed, from parent to child, at most one parent each. An edge from a vertex to itself is no parent.
        rounds: where the rounds are kept; told how many vertices have still not met their root.

    Returns:
        id, parent (null for a root), root, generation (0 for a root), children, descendants. Vertices that have no
        root, because parents go round in a circle above them, are left out.
    """
    own = rounds.part("trees")
    edges = graph.edges.where("src <> dst").select(F.col("dst").alias("id"), F.col("src").alias("parent"))
    children = edges.groupBy(F.col("parent").alias("id")).agg(F.count("*").alias("children"))
    begun = graph.vertices.select("id").join(edges, "id", "left").join(children, "id", "left")
    begun = begun.select("id", "parent", F.coalesce("children", F.lit(0)).cast("long").alias("children"))
    state = own.write(
        "state",
        begun.select(
            "*", F.col("parent").alias("above"), F.col("id").alias("root"), F.lit(0).cast("long").alias("generation"),
            F.lit(0).cast("long").alias("descendants"),
        ),
    )  # fmt: skip
    # Whoever has an ancestor further up than there are vertices goes round in a circle.
    longest = math.ceil(math.log2(max(graph.vertices.count(), 1))) + 1
    for number in own.count(longest):
        state = own.keep("state", _jumped(state))
        left = state.where("above IS NOT NULL").count()
        if own.tell(number, left, 0):
            break
    return state.where("above IS NULL").select("id", "parent", "root", "generation", "children", "descendants")


def _jumped(state: DataFrame) -> DataFrame:
    """What is known after one more round."""
    upper = state.select(
        F.col("id").alias("above"), F.col("above").alias("_above"), F.col("root").alias("_root"),
        F.col("generation").alias("_generation"),
    )  # fmt: skip
    under = state.where("above IS NOT NULL").groupBy(F.col("above").alias("id"))
    lower = under.agg(F.sum(F.col("descendants") + 1).alias("_more"))
    known = F.col("above").isNotNull()
    return (
        state.join(upper, "above", "left")
        .join(lower, "id", "left")
        .select(
            "id", "parent", "children", F.col("_above").alias("above"),
            F.when(known, F.col("_root")).otherwise(F.col("root")).alias("root"),
            F.when(known, F.col("generation") + 1 + F.col("_generation"))
            .otherwise(F.col("generation")).alias("generation"),
            (F.col("descendants") + F.coalesce("_more", F.lit(0))).alias("descendants"),
        )
    )  # fmt: skip
