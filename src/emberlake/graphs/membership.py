"""Communities of several graphs in one run: of now, and of an earlier day."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from emberlake.graphs.communities import louvain
from emberlake.graphs.communities.louvain import STEP
from emberlake.graphs.graph import Graph

if TYPE_CHECKING:
    from pyspark.sql import Column

    from emberlake.graphs.rounds import Rounds


# A community of the shop has hundreds of users. Among so many, modularity as it is sees them; among more, chance has to
# count for more (docs/decisions/0104), or hundreds are joined to thousands: Fortunato and Barthélemy, "Resolution limit
# in community detection" (2007).
USERS_AT_RESOLUTION_1 = 5_000


def memberships(graphs: Sequence[Graph], rounds: Rounds) -> DataFrame:
    """The communities of each graph, as `louvain` would find them in it alone; of like size in small and large shops.

    Graphs side by side are one graph. Where each has the same weight in all, and chance counts as many times as there
    are graphs, the modularity of the whole is the mean of theirs (Reichardt and Bornholdt, "Statistical mechanics of
    community detection", 2006, for the resolution): so each finds its own communities, in the rounds of one run.

    Args:
        graphs: undirected, with weights, on the same vertices or others.

    Returns:
        part (int, the graph's place), id, community (long, the smallest id in it).
    """
    vertices, edges, full, most = [], [], 0, 0
    for part, graph in enumerate(graphs):
        vertices.append(graph.vertices.select(F.lit(part).alias("part"), "id", _name("id", part).alias("name")))
        total = graph.edges.agg(F.sum("weight")).first()
        if total is not None and total[0]:
            full, most = full + 1, max(most, graph.vertices.count())
            ends = (_name(end, part).alias(end) for end in ("src", "dst"))
            edges.append(graph.edges.select(*ends, (F.col("weight") / total[0]).alias("weight")))
    named = rounds.write("named", reduce(DataFrame.unionAll, vertices))
    if not edges:
        return named.select("part", "id", F.col("id").alias("community"))
    whole = Graph(
        named.select(F.col("name").alias("id")), rounds.write("whole", reduce(DataFrame.unionAll, edges)), False
    )
    resolution = full * max(1.0, most / USERS_AT_RESOLUTION_1)
    # A gain of one graph is only a part of one of the whole: steps are as much smaller.
    found = louvain(whole, rounds, resolution=resolution, step=STEP / full)
    found = found.select(F.col("id").alias("name"), "community")
    placed = rounds.write("placed", named.join(found, "name").select("part", "id", "community"))
    lowest = placed.groupBy("part", F.col("community")).agg(F.min("id").alias("lowest"))
    joined = placed.join(lowest, ["part", "community"])
    return joined.select("part", "id", F.col("lowest").alias("community"))


def _name(id: str, part: int) -> Column:
    # One graph's ids may be the other's, and may need all 64 bits: a hash of both tells them apart.
    return F.xxhash64(F.col(id), F.lit(part))
