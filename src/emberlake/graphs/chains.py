"""Chains from one vertex to another, and who is near: paths in any of the shop's graphs, as they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.errors import GraphError
from emberlake.graphs.graph import Graph
from emberlake.graphs.paths import neighbourhood, shortest_path
from emberlake.graphs.ranking import open_graph
from emberlake.graphs.rounds import Rounds
from emberlake.progress import Progress, silent

if TYPE_CHECKING:
    from emberlake.lake import Lake


def chain(lake: Lake, of: str, start: int, goal: int, progress: Progress = silent) -> list[int]:
    """The vertices of a shortest path by its number of edges, both ends included; empty where there is none.

    Args:
        of: follows, together, purchases or referrals; edges are walked in their direction, those of purchases both
            ways, where a product is below zero.

    Raises:
        GraphError: if there is no such graph or vertex.
    """
    graph = _stepwise(lake, of)
    with _rounds(lake, progress) as rounds:
        return shortest_path(graph, start, goal, rounds)


def near(lake: Lake, of: str, start: int, hops: int, top: int, progress: Progress = silent) -> dict[str, Any]:
    """How many vertices are within so many edges, and the nearest of them.

    Returns:
        within: hops and vertices; nearest: id and hops, `top` at most, by hops and id.

    Raises:
        GraphError: if there is no such graph or vertex, or for negative hops.
    """
    if top < 1:
        raise GraphError(f"--top is {top}.", "Give 1 or more.")
    graph = _stepwise(lake, of)
    with _rounds(lake, progress) as rounds:
        found = neighbourhood(graph, [start], hops, rounds)
        counts = found.groupBy("hops").agg(F.count("*").alias("vertices")).orderBy("hops").collect()
        nearest = found.where("hops > 0").orderBy("hops", "id").limit(top).collect()
    return {
        "within": [row.asDict() for row in counts],
        "nearest": [{"id": row["id"], "hops": row["hops"]} for row in nearest],
    }


def _stepwise(lake: Lake, of: str) -> Graph:
    """The graph without weights: how often two things are bought together is no distance."""
    graph = open_graph(lake, of)
    return Graph(graph.vertices, graph.edges.select("src", "dst"), graph.directed and of != "purchases")


def _rounds(lake: Lake, progress: Progress) -> Rounds:
    def told(done: Any) -> None:
        progress(f"step {done.number}: {done.change:,.0f} more", done.number / (done.number + 5))

    return Rounds(lake.session, lake.settings.scratch, told=told, work="chains")
