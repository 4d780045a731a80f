"""Ranks of any of the shop's graphs, as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.errors import GraphError
from emberlake.graphs import building
from emberlake.graphs.pagerank import pagerank, personalised_pagerank
from emberlake.graphs.rounds import Rounds
from emberlake.progress import Progress, silent

if TYPE_CHECKING:
    from emberlake.graphs.graph import Graph
    from emberlake.lake import Lake

# The last digits of a rank that is shown matter to nobody.
TOLERANCE = 1e-6


def open_graph(lake: Lake, name: str) -> Graph:
    """One of the graphs of `building`, by name.

    Raises:
        GraphError: if there is none of that name, or it has no edges in this data.
    """
    if name not in building.READS:
        close = get_close_matches(name, building.READS, 1)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        raise GraphError(f"There is no graph {name!r}.", f"{hint}There are: {', '.join(building.READS)}.")
    build = {
        "follows": building.follows, "together": building.together, "purchases": building.purchases,
        "referrals": building.referrals,
    }[name]  # fmt: skip
    graph = build({table: lake.read(table) for table in building.READS[name]})
    if not graph.edges.limit(1).collect():
        needs = " and ".join(building.READS[name])
        raise GraphError(
            f"The graph {name!r} has no edges in this data.", f"It is made from {needs}: import such data."
        )
    return graph


def rank(lake: Lake, of: str, near: Sequence[int], top: int, progress: Progress = silent) -> list[dict[str, Any]]:
    """The vertices with the highest PageRank, of all or by nearness to some.

    An undirected graph is walked both ways. In the graph of purchases, walkers who come to a product go back to one
    of its buyers, or rank would only ever flow to products; there, `near` takes users.

    Args:
        of: follows, together, purchases or referrals (from the invited to the inviter).
        near: vertices to start from; empty: everywhere.

    Returns:
        place, user_id or product_id (or for purchases kind and number), rank.

    Raises:
        GraphError: if there is no such graph or vertex.
    """
    if top < 1:
        raise GraphError(f"--top is {top}.", "Give 1 or more.")
    graph = open_graph(lake, of)
    if of == "purchases":
        graph = graph.undirected()
    elif of == "referrals":
        graph = graph.reversed()
    with Rounds(
        lake.session, lake.settings.scratch, work="rank",
        told=lambda done: progress(f"round {done.number}", done.number / (done.number + 10)),
    ) as rounds:  # fmt: skip
        progress("reading the graph", 0.1)
        if near:
            ranks = personalised_pagerank(graph, near, rounds, tolerance=TOLERANCE)
        else:
            ranks = pagerank(graph, rounds, tolerance=TOLERANCE)
        best = ranks.where("rank > 0").orderBy(F.col("rank").desc(), "id").limit(top).collect()
    return [{"place": place, **_named(of, row["id"]), "rank": row["rank"]} for place, row in enumerate(best, 1)]


def _named(of: str, id: int) -> dict[str, Any]:
    if of == "purchases":
        return {"kind": "product", "number": -id} if id < 0 else {"kind": "user", "number": id}
    return {"product_id" if of == "together" else "user_id": id}
