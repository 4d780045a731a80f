"""Edges as ties between vertices: each pair once, with a whole number for its strength.

Algorithms that choose the best of several neighbours must not depend on the order in which an engine adds. Sums of
whole numbers below 2⁵³ are exact in a double, in any order; what is then computed from them is rounded alike
everywhere. So weights are scaled by a power of two and rounded to whole numbers of which the whole graph has at most
2⁵⁰: an edge is off by at most one part in 2⁴⁹ of the graph.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.graph import Graph
    from emberlake.graphs.rounds import Rounds

BITS = 50


@dataclass(frozen=True)
class Ties:
    """What binds vertices, direction left aside.

    Attributes:
        links: src, dst, weight: both directions of every pair, once each; whole numbers. No links to oneself.
        nodes: id, strength: a vertex's links, and twice those to itself; only vertices that have an edge.
        total: the sum of all strengths, which is twice the weight of all edges.
        within: what of the total lies inside nodes: links to oneself, and what was contracted.
    """

    links: DataFrame
    nodes: DataFrame
    total: float
    within: float


def ties(graph: Graph, rounds: Rounds) -> Ties:
    """Ties of a graph: weights of edges between the same two are added."""
    scale = _scale(graph)
    weight = F.greatest(F.round(F.col("weight") * scale), F.lit(1.0)) if graph.weighted else F.lit(1.0)
    pair = graph.edges.select(
        F.least("src", "dst").alias("src"), F.greatest("src", "dst").alias("dst"), weight.alias("weight")
    )
    pairs = rounds.write("pairs", pair.groupBy("src", "dst").agg(F.sum("weight").alias("weight")))
    back = pairs.where("src <> dst").select(F.col("dst").alias("src"), F.col("src").alias("dst"), "weight")
    # Of an edge to oneself this is the half: it ends twice at its vertex.
    ends = pairs.select("src", "weight").unionAll(pairs.select(F.col("dst").alias("src"), "weight"))
    nodes = ends.groupBy(F.col("src").alias("id")).agg(F.sum("weight").alias("strength"))
    links = rounds.write("links-0", pairs.where("src <> dst").unionAll(back))
    seen = pairs.agg(F.sum("weight"), F.sum(F.when(F.col("src") == F.col("dst"), F.col("weight")))).first()
    total, loops = (seen[0] or 0.0, seen[1] or 0.0) if seen else (0.0, 0.0)
    return Ties(links, rounds.write("nodes-0", nodes), 2.0 * total, 2.0 * loops)


def _scale(graph: Graph) -> float:
    """A power of two: 1 where weights are whole numbers already."""
    if not graph.weighted:
        return 1.0
    odd = F.max(F.when(F.col("weight") != F.floor("weight"), 1).otherwise(0))
    seen = graph.edges.agg(F.sum("weight"), odd).first()
    total, broken = (seen[0] or 1.0, seen[1] or 0) if seen else (1.0, 0)
    # Sums of doubles differ in the last bit with their order; a little more keeps round totals off the edge.
    exponent = math.frexp(total * 1.001)[1]
    return 1.0 if not broken and exponent <= BITS else 2.0 ** (BITS - exponent)
