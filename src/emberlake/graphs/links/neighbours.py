"""Who is next to whom, whichever of the two follows the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.graph import Graph


def neighbours(graph: Graph) -> DataFrame:
    """Each vertex beside each of its neighbours, once; a loop makes nobody a neighbour.

    Returns:
        id, neighbour.
    """
    steps = graph.edges.where("src <> dst")
    there = steps.select(F.col("src").alias("id"), F.col("dst").alias("neighbour"))
    back = steps.select(F.col("dst").alias("id"), F.col("src").alias("neighbour"))
    return there.unionAll(back).distinct()


def how_many(near: DataFrame) -> DataFrame:
    """The number of neighbours of each vertex that has any: id, degree (long).

    Args:
        near: what `neighbours` gives.
    """
    return near.groupBy("id").agg(F.count("*").alias("degree"))
