"""How good communities are: the share of edges inside them, less what chance would give."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.errors import GraphError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.graph import Graph


def modularity(graph: Graph, communities: DataFrame, *, resolution: float = 1.0) -> float:
    """The modularity of a partition, direction left aside.

    Source: Newman and Girvan, Finding and evaluating community structure in networks (2004); with weights Newman,
    Analysis of weighted networks (2004). Edges between the same two count each.

    Args:
        communities: id, community: a row for every vertex.
        resolution: what chance's share counts for.

    Returns:
        -0.5 to 1; NaN for a graph without edges.

    Raises:
        GraphError: when an end of an edge has no community, or two.
    """
    of = communities.select("id", "community")
    arcs = graph.undirected().arcs()
    ends = arcs.join(of.withColumnsRenamed({"id": "src", "community": "a"}), "src", "left")
    ends = ends.join(of.withColumnsRenamed({"id": "dst", "community": "b"}), "dst", "left")
    inside = F.sum(F.when(F.col("a") == F.col("b"), F.col("weight")))
    without = F.sum(F.when(F.col("a").isNull() | F.col("b").isNull(), 1).otherwise(0))
    sums = ends.groupBy("a").agg(
        F.sum("weight").alias("strength"), inside.alias("inside"), F.count("*").alias("ends"), without.alias("without")
    )
    squares = F.sum(F.col("strength") * F.col("strength"))
    row = sums.agg(F.sum("strength"), F.sum("inside"), squares, F.sum("ends"), F.sum("without")).first()
    if row is None or not row[3]:
        return math.nan
    total, within, square, counted, lacking = row[0], row[1] or 0.0, row[2], row[3], row[4]
    if lacking or counted != 2 * graph.edges.count():
        raise GraphError(
            "The communities do not fit the graph: an end of an edge has no community, or two.",
            "Give a row with id and community for every vertex.",
        )
    return within / total - resolution * square / total**2
