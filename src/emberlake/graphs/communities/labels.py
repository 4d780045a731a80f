"""Communities by label propagation: everybody takes the label that most of the neighbours have.

Source: Raghavan, Albert and Kumara, Near linear time algorithm to detect community structures in large-scale networks
(2007), whose asynchronous order becomes lots here, as in Cordasco and Gargano, Label propagation algorithm: a
semi-synchronous approach (2012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.graphs.communities.lots import its_turn, lot
from emberlake.graphs.communities.naming import named
from emberlake.graphs.communities.ties import ties

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.graph import Graph
    from emberlake.graphs.rounds import Rounds

MOST = 100


def label_propagation(graph: Graph, rounds: Rounds, *, seed: int = 0, most: int = MOST) -> DataFrame:
    """The community of every vertex; the same for the same graph and seed, on every engine.

    It is cheaper than Louvain, and finds less: on a graph that is not clearly divided, one label takes it all.
    Direction is left aside, edges between the same two add up, an edge from a vertex to itself has no say. At the end
    every vertex has a label that none outweighs among its neighbours; labels do not cross components. A vertex
    without neighbours is a community.

    Args:
        rounds: where the rounds are kept; told how many vertices were outweighed in each.
        seed: of the lots by which vertices take turns and choose among equals.
        most: rounds after which it ends in any case.

    Returns:
        id, community: the smallest id in it.
    """
    own = rounds.part("labels")
    links = ties(graph, own).links
    state = own.write("labels", graph.vertices.select("id", F.col("id").alias("label")))
    for number in own.count(most):
        seen = own.write("seen", _looked_around(links, state, seed, number))
        wanting = seen.where("target <> label").count()
        if own.tell(number, wanting, 0):
            break
        label = F.when(its_turn("id", seed, number), F.col("target")).otherwise(F.col("label"))
        state = own.write("labels", seen.select("id", label.alias("label")))
    return own.write("communities", named(graph, state.withColumnRenamed("label", "community")))


def _looked_around(links: DataFrame, state: DataFrame, seed: int, number: int) -> DataFrame:
    """What every vertex with neighbours sees: id, label, target (its own label unless that is outweighed)."""
    there = state.select(F.col("id").alias("dst"), F.col("label").alias("target"))
    heard = links.join(there, "dst").groupBy(F.col("src").alias("id"), "target").agg(F.sum("weight").alias("weight"))
    own = (F.col("target") == F.col("label")).cast("int")
    option = F.struct("weight", own.alias("own"), lot("target", seed, -number).alias("lot"), F.col("target"))
    best = heard.join(state, "id").select("id", "label", option.alias("option"))
    best = best.groupBy("id", "label").agg(F.max("option").alias("best"))
    return best.select("id", "label", F.col("best.target").alias("target"))
