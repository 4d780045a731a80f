"""Communities by modularity: more edges inside than chance would give.

Source: Blondel, Guillaume, Lambiotte and Lefebvre, Fast unfolding of communities in large networks (2008): vertices
move to their neighbours' communities until modularity no longer grows, then each community becomes one vertex, and so
on. What a level has joined the next ones cannot part again; so after the last level single vertices may move once
more, from where they stand now, and the levels follow again: Rotta and Noack, Multilevel local search algorithms for
modularity clustering (2011).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.errors import GraphError
from emberlake.graphs.communities.moves import NOTHING, Terms, settle
from emberlake.graphs.communities.naming import named
from emberlake.graphs.communities.ties import Ties, ties

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.graph import Graph
    from emberlake.graphs.rounds import Rounds

# Modularity a round; smaller steps cost rounds and find no better communities on the made shop (docs/decisions/0102).
STEP = 1e-3
PASSES = 2


def louvain(
    graph: Graph, rounds: Rounds, *, seed: int = 0, resolution: float = 1.0, step: float = STEP, passes: int = PASSES
) -> DataFrame:
    """The community of every vertex; the same for the same graph and seed, on every engine.

    Direction is left aside; edges between the same two add up, as if they were one with their weight; an edge from a
    vertex to itself counts twice in its strength, as in igraph. A vertex without edges is a community.

    For who follows whom, weigh each edge by 1 / max(10, followers of the followee): whom the whole shop follows tells
    nothing about where a follower belongs. And raise the resolution with the users, to 2 for 10,000: at 1 modularity
    joins communities of 500 with each other (Fortunato and Barthélemy 2007).

    Args:
        rounds: where the rounds are kept; told the modularity that each gained.
        seed: of the lots by which vertices take turns.
        resolution: above 1 for more and smaller communities (Reichardt and Bornholdt 2006).
        step: a level has settled when its rounds gain less modularity than this.
        passes: how many times to start again from single vertices.

    Returns:
        id, community: the smallest id in it.

    Raises:
        GraphError: for a resolution or a step that is not above zero, and for no passes.
    """
    if not resolution > 0 or not step > 0 or passes < 1:
        raise GraphError(
            f"Louvain got the resolution {resolution}, the step {step} and {passes} passes.",
            "Give numbers above zero; 1, 0.001 and 2 are usual.",
        )
    own = rounds.part("louvain")
    terms = Terms(seed, resolution, step)
    bottom = ties(graph, own)
    home = bottom.nodes.select("id", F.col("id").alias("community"))
    reached, done = -1.0, 0
    if bottom.total:
        for _ in range(passes):
            found, quality, done = _climb(bottom, home, terms, own, done)
            if quality > reached + NOTHING:
                home = own.write("home", found)
            if quality < reached + step:
                break
            reached = quality
    return own.write("communities", named(graph, home))


def _climb(bottom: Ties, home: DataFrame, terms: Terms, rounds: Rounds, done: int) -> tuple[DataFrame, float, int]:
    """One pass: moves, contraction, and again, until nothing moves.

    Returns:
        id, community; its modularity; the rounds done by then.
    """
    settled, done = settle(bottom, bottom.nodes.join(home, "id"), terms, rounds, done)
    level, members = bottom, rounds.write("members", settled.placed.select("id", "community"))
    while True:
        level = _contracted(level, settled.placed, rounds)
        placed = level.nodes.select("id", "strength", F.col("id").alias("community"))
        settled, done = settle(level, placed, terms, rounds, done)
        if not settled.moved:
            return members, settled.quality, done
        went = settled.placed.select(F.col("id").alias("community"), F.col("community").alias("to"))
        joined = members.join(went, "community").select("id", F.col("to").alias("community"))
        members = rounds.write("members", joined)


def _contracted(level: Ties, placed: DataFrame, rounds: Rounds) -> Ties:
    """Each community as one vertex, named as the community."""
    src, dst = (placed.select(F.col("id").alias(end), F.col("community").alias(f"{end}_to")) for end in ("src", "dst"))
    moved = level.links.join(src, "src").join(dst, "dst")
    summed = moved.groupBy(F.col("src_to").alias("src"), F.col("dst_to").alias("dst"))
    both = rounds.write("between", summed.agg(F.sum("weight").alias("weight")))
    inside = both.where("src = dst").agg(F.sum("weight")).first()
    links = rounds.write("links", both.where("src <> dst"))
    nodes = placed.groupBy(F.col("community").alias("id")).agg(F.sum("strength").alias("strength"))
    return Ties(links, rounds.write("nodes", nodes), level.total, level.within + ((inside and inside[0]) or 0.0))
