"""Shortest paths and neighbourhoods: how far it is from chosen vertices to the others.

Source: Moore, The shortest path through a maze (1959), level by level; with weights Bellman, On a routing problem
(1958), in which only vertices that came nearer in a round tell their neighbours in the next one. So rounds are as
many as the longest of the shortest paths has edges: few in a social network, many on a road map.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from emberlake.errors import GraphError

if TYPE_CHECKING:
    from emberlake.graphs.graph import Graph
    from emberlake.graphs.rounds import Rounds

# Rounds without a limit of the caller's: a graph with longer paths is no social network.
MOST = 10_000


def shortest_paths(graph: Graph, landmarks: DataFrame | Iterable[int], rounds: Rounds) -> DataFrame:
    """The distance from each landmark to every vertex that a path leads to.

    Edges are walked in their direction, undirected ones both ways (`Graph.reversed` for distances to landmarks). A
    distance is the number of edges, of a weighted graph the sum of their weights; of several edges between the same
    two the lightest counts, and edges from a vertex to itself never do.

    Args:
        landmarks: ids of vertices, or a frame with id.
        rounds: where the rounds are kept; told how many vertices came nearer.

    Returns:
        landmark, id, distance (double; 0 for the landmark itself), via: the vertex before the last step, the smallest
        id of equals, null for the landmark itself. No rows for vertices that cannot be reached.

    Raises:
        GraphError: when there are no landmarks or one is not a vertex, or after 10,000 rounds.
    """
    found, left = _walk(graph, _starts(graph, landmarks), rounds.part("paths"), MOST)
    if left:
        raise GraphError(
            f"Shortest paths are not done after {MOST:,} rounds: this graph has longer ones.",
            "Ask for a neighbourhood of so many hops instead.",
        )
    return found


def neighbourhood(graph: Graph, landmarks: DataFrame | Iterable[int], hops: int, rounds: Rounds) -> DataFrame:
    """The vertices within so many edges of each landmark, whatever their weights.

    Returns:
        landmark, id, hops (long), 0 for the landmark itself; edges are walked as in `shortest_paths`.

    Raises:
        GraphError: when there are no landmarks or one is not a vertex, and for negative hops.
    """
    if hops < 0:
        raise GraphError(f"A neighbourhood cannot have {hops} hops.", "Give 0 or more; 2 are friends of friends.")
    unweighted = type(graph)(graph.vertices, graph.edges.select("src", "dst"), graph.directed)
    found, _ = _walk(unweighted, _starts(graph, landmarks), rounds.part("neighbourhood"), hops)
    return found.select("landmark", "id", F.col("distance").cast("long").alias("hops"))


def shortest_path(graph: Graph, start: int, goal: int, rounds: Rounds) -> list[int]:
    """The vertices of one shortest path, both ends included; empty when there is none.

    Of equally short ones the one whose vertices, from the goal back, have the smaller ids.

    Raises:
        GraphError: when an end is not a vertex.
    """
    _starts(graph, [goal])
    # Weights can make a later, longer way the lighter one; without them the first arrival is the shortest.
    until = None if graph.weighted else goal
    found, _ = _walk(graph, _starts(graph, [start]), rounds.part("path"), MOST, until)
    path = [goal]
    while path[-1] != start:
        row = found.where(F.col("id") == path[-1]).select("via").first()
        if row is None:
            return []
        path.append(row["via"])
    return path[::-1]


def _walk(
    graph: Graph, starts: DataFrame, rounds: Rounds, most: int, until: int | None = None
) -> tuple[DataFrame, int]:
    """Walk from the starts until nothing comes nearer, or `until` is reached.

    Returns:
        landmark, id, distance, via; and how many vertices came nearer in the last round.
    """
    arcs = graph.arcs().where("src <> dst").groupBy("src", "dst").agg(F.min("weight").alias("weight"))
    arcs = rounds.write("arcs", arcs)
    nearer = starts.count()
    state = rounds.write(
        "state",
        starts.select(
            "landmark",
            F.col("landmark").alias("id"),
            F.lit(0.0).alias("distance"),
            F.lit(None).cast("long").alias("via"),
            F.lit(True).alias("nearer"),
        ),
    )
    for number in range(1, most + 1):
        state = rounds.write("state", _step(arcs, state))
        row = state.agg(F.sum(F.col("nearer").cast("int")), F.max((F.col("id") == F.lit(until)).cast("int"))).first()
        nearer, arrived = (row[0] or 0, row[1]) if row else (0, None)
        if rounds.tell(number, nearer, 0) or (until is not None and arrived):
            break
    return state.select("landmark", "id", "distance", "via"), nearer


def _step(arcs: DataFrame, state: DataFrame) -> DataFrame:
    """Those who came nearer tell their neighbours: one join and one aggregation."""
    news = state.where("nearer").select("landmark", F.col("id").alias("src"), "distance").join(arcs, "src")
    far = F.lit(None).cast("double")
    offers = news.select(
        "landmark",
        F.col("dst").alias("id"),
        (F.col("distance") + F.col("weight")).alias("distance"),
        F.col("src").alias("via"),
        far.alias("before"),
    )
    known = state.select("landmark", "id", "distance", "via", F.col("distance").alias("before"))
    way = F.min(F.struct("distance", "via")).alias("way")
    best = known.unionAll(offers).groupBy("landmark", "id").agg(way, F.max("before").alias("before"))
    came_nearer = F.col("before").isNull() | (F.col("way.distance") < F.col("before"))
    return best.select("landmark", "id", "way.distance", "way.via", came_nearer.alias("nearer"))


def _starts(graph: Graph, landmarks: DataFrame | Iterable[int]) -> DataFrame:
    """Landmarks, each once: landmark."""
    if not isinstance(landmarks, DataFrame):
        session = graph.vertices.sparkSession
        landmarks = session.createDataFrame([(int(one),) for one in landmarks], "id long")
    starts = landmarks.select(F.col("id").cast("long").alias("landmark")).distinct()
    known = graph.vertices.select(F.col("id").alias("landmark"))
    strange = [str(row[0]) for row in starts.join(known, "landmark", "left_anti").sort("landmark").limit(5).collect()]
    if strange:
        raise GraphError(
            f"Not all landmarks are vertices of the graph: {', '.join(strange)}.", "Give ids of its vertices."
        )
    if not starts.limit(1).collect():
        raise GraphError("There is no landmark to start from.", "Give at least one vertex.")
    return starts
