"""What communities are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.graph import Graph


def named(graph: Graph, found: DataFrame) -> DataFrame:
    """A row for every vertex: those without a community are one of their own.

    Args:
        found: id, community, whatever it is called so far.

    Returns:
        id, community: the smallest id in it.
    """
    lowest = found.groupBy("community").agg(F.min("id").alias("lowest"))
    called = found.join(lowest, "community").select("id", "lowest")
    return (
        graph.vertices.select("id")
        .join(called, "id", "left")
        .select("id", F.coalesce("lowest", "id").alias("community"))
    )
