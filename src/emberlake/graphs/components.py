"""Connected components: which vertices can be reached from each other, whatever the direction of edges.

Source: Bögeholz, Brand and Todor, In-database connected component analysis (ICDE 2020). In a round every vertex joins
the neighbour whose name is the smallest, and names are drawn anew in each round; what has joined becomes one vertex.
On average at most three quarters of the vertices are left, on a chain one half, so rounds grow with the logarithm of
the vertices whatever the graph looks like. Names come from xxHash64, which maps longs one to one: no two vertices can
get the same.

Most edges of a social graph say what others have said already: a sample of them is contracted first, as in Sutton,
Ben-Nun and Barak, Optimizing parallel graph connectivity computation via subgraph sampling (IPDPS 2018), and then
only those that still lead from one part to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.errors import GraphError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from emberlake.graphs.graph import Graph
    from emberlake.graphs.rounds import Rounds

# A chain of a billion vertices takes about 30; what is not done after 80 is a fault of ours.
MOST = 80
# Edges a vertex in the sample. With four, all but some two of a hundred vertices of a random graph are in one part.
SAMPLE = 4


@dataclass(frozen=True)
class Parts:
    """Where vertices went.

    Attributes:
        of: name, part: the name that a vertex has in the end. None when there were no edges.
        depth: how many times names were drawn anew; also for those that had no edges and stand alone.
    """

    of: DataFrame | None
    depth: int

    def move(self, rows: DataFrame, column: str) -> DataFrame:
        """Rows with the names in a column replaced by those of their parts."""
        if self.of is None:
            return rows
        others = [c for c in rows.columns if c != column]
        part = F.coalesce("part", _anew(column, self.depth)).alias(column)
        return rows.join(self.of.withColumnRenamed("name", column), column, "left").select(*others, part)


def components(graph: Graph, rounds: Rounds) -> DataFrame:
    """The component of every vertex; of a directed graph the weak one.

    Edges that repeat, and edges from a vertex to itself, change nothing; a vertex without edges is a component.

    Args:
        rounds: where the rounds are kept; told how many edges are left after each.

    Returns:
        id, component: the smallest id in it.

    Raises:
        GraphError: when edges are left after 80 rounds.
    """
    own = rounds.part("components")
    vertices = own.write("vertices", graph.vertices.select("id", F.xxhash64("id").alias("name")))
    edges = graph.edges.where("src <> dst").select(F.xxhash64("src").alias("a"), F.xxhash64("dst").alias("b"))
    total = edges.count()
    some = _contract(own, own.write("some", _sample(edges, total, vertices.count())), 0, waiting=total)
    done = some.depth
    if done:
        vertices = own.write("placed", some.move(vertices, "name"))
        a = vertices.select(F.col("id").alias("src"), F.col("name").alias("a"))
        b = vertices.select(F.col("id").alias("dst"), F.col("name").alias("b"))
        edges = graph.edges.select("src", "dst").join(a, "src").join(b, "dst").select("a", "b")
    rest = own.write("rest", _between(edges))
    if done:
        done += 1
        own.tell(done, rest.count(), 0)
    last = _contract(own, rest, done)
    placed = own.write("joined", last.move(vertices, "name"))
    lowest = placed.groupBy("name").agg(F.min("id").alias("component"))
    return own.write("components", placed.join(lowest, "name").select("id", "component"))


def _contract(own: Rounds, edges: DataFrame, done: int, waiting: int = 0) -> Parts:
    """Contract edges until none is left.

    Args:
        edges: a, b: names of two vertices.
        done: rounds before these.
        waiting: edges that are not looked at yet, for the watcher.
    """
    picks: list[DataFrame] = []
    left = edges.count()
    while left:
        if done + len(picks) == MOST:
            raise GraphError(f"Components: {left:,} edges are left after {MOST} rounds.", "Please report this graph.")
        picks.append(own.write(f"picks-{done + len(picks)}", _picks(edges)))
        edges = own.write("edges", _contracted(edges, picks[-1]))
        left = edges.count()
        own.tell(done + len(picks), left + waiting, 0)
    return Parts(_followed(own, picks, done), len(picks))


def _sample(edges: DataFrame, total: int, vertices: int) -> DataFrame:
    """A few edges a vertex, always the same ones; none where there are few in all: a, b."""
    stride = total // (SAMPLE * max(vertices, 1))
    # Names are random already, so that a remainder of them is a draw.
    drawn = F.pmod(F.col("a").bitwiseXOR(F.col("b")), F.lit(stride)) == 0 if stride > 1 else F.lit(False)
    return _between(edges.where(drawn))


def _picks(edges: DataFrame) -> DataFrame:
    """Whom each vertex joins: name, pick (the smallest name among its neighbours' and its own)."""
    return (
        _both_ways(edges)
        .groupBy("a")
        .agg(F.min("b").alias("b"))
        .select(F.col("a").alias("name"), F.least("a", "b").alias("pick"))
    )


def _contracted(edges: DataFrame, picks: DataFrame) -> DataFrame:
    """Edges between what has joined, each once, under new names: a, b."""
    a, b = (picks.select(F.col("name").alias(end), F.col("pick").alias(f"{end}_pick")) for end in "ab")
    joined = edges.join(a, "a").join(b, "b").select(F.col("a_pick").alias("a"), F.col("b_pick").alias("b"))
    return _between(joined).select(_anew("a", 1).alias("a"), _anew("b", 1).alias("b"))


def _followed(own: Rounds, picks: list[DataFrame], done: int) -> DataFrame | None:
    """Picks of all rounds followed to their end, from the last and smallest round to the first: name, part."""
    parts: DataFrame | None = None
    for depth, pick in enumerate(reversed(picks)):
        went = Parts(parts, depth).move(pick.select("name", _anew("pick", 1).alias("to")), "to")
        parts = own.write(f"parts-{done}", went.withColumnRenamed("to", "part"))
    return parts


def _between(edges: DataFrame) -> DataFrame:
    """Edges that lead from one part to another, each once."""
    low, high = F.least("a", "b").alias("a"), F.greatest("a", "b").alias("b")
    return edges.where("a <> b").select(low, high).distinct()


def _both_ways(edges: DataFrame) -> DataFrame:
    return edges.unionAll(edges.select(F.col("b").alias("a"), F.col("a").alias("b")))


def _anew(name: str, times: int) -> Column:
    """A name after it was drawn anew so many times."""
    column = F.col(name)
    for _ in range(times):
        column = F.xxhash64(column)
    return column
