"""How many neighbours: degrees of vertices, and how they are distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.graph import Graph


def degrees(graph: Graph) -> DataFrame:
    """Edges that end at each vertex; every vertex has a row.

    Edges between the same two count each. An edge from a vertex to itself counts once in and once out, so twice in
    the degree, directed or not. Source: Newman, Networks (2nd ed. 2018), section 6.10.

    Returns:
        id, degree; for a directed graph also in_degree and out_degree, whose sum the degree is; for a weighted graph
        also strength: the weights of the edges that the degree counts.
    """
    weight = [F.col("weight")] if graph.weighted else []
    out = graph.edges.select(F.col("src").alias("id"), F.lit(0).alias("into"), *weight)
    into = graph.edges.select(F.col("dst").alias("id"), F.lit(1).alias("into"), *weight)
    # A vertex's own row carries no end, so that one aggregation serves those without edges too.
    itself = graph.vertices.select("id", F.lit(None).cast("int").alias("into"), *(F.lit(0.0) for _ in weight))
    counted = [F.count("into").alias("degree")]
    if graph.directed:
        counted.append(F.coalesce(F.sum("into"), F.lit(0)).cast("long").alias("in_degree"))
        counted.append(F.coalesce(F.sum(1 - F.col("into")), F.lit(0)).cast("long").alias("out_degree"))
    if weight:
        counted.append(F.sum("weight").alias("strength"))
    return out.unionAll(into).unionAll(itself).groupBy("id").agg(*counted)


def distribution(of: DataFrame, column: str = "degree") -> DataFrame:
    """How many vertices have each degree.

    Args:
        of: what `degrees` returned.
        column: which of its degrees.

    Returns:
        degree, vertices, at_least (vertices with this degree or more, what is drawn against the degree on two
        logarithmic axes: Newman, section 10.4.1), by ascending degree.
    """
    # One row a degree is left by then, so that a window over all of them is small.
    onwards = (
        Window.partitionBy(F.lit(0))
        .orderBy(F.col("degree").desc())
        .rowsBetween(Window.unboundedPreceding, Window.currentRow)
    )
    return (
        of.groupBy(F.col(column).alias("degree"))
        .agg(F.count("*").alias("vertices"))
        .withColumn("at_least", F.sum("vertices").over(onwards))
        .sort("degree")
    )
