"""PageRank: how often a walker who follows edges, and now and then starts anew, is at each vertex.

Source: Brin and Page, The anatomy of a large-scale hypertextual web search engine (1998); started anew at chosen
vertices: Haveliwala, Topic-sensitive PageRank (2002). A walker who stands where no edge leads on starts anew, as in
igraph.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from emberlake.errors import GraphError

if TYPE_CHECKING:
    from pyspark.sql import Column

    from emberlake.graphs.graph import Graph
    from emberlake.graphs.rounds import Rounds

# The walker goes on with this probability; Brin and Page's value.
DAMPING = 0.85
# The sum of all changes of a round. What is still missing then is at most 0.85 / 0.15 times that: below 1e-6.
TOLERANCE = 1e-7
# At 0.85 a round leaves 85 % of the distance: 104 rounds from any start to the tolerance.
MOST = 120


def pagerank(
    graph: Graph, rounds: Rounds, *, damping: float = DAMPING, tolerance: float = TOLERANCE, most: int = MOST
) -> DataFrame:
    """The rank of every vertex; ranks sum to one.

    Edges between the same two count each, an edge from a vertex to itself is one that the walker may take; weights
    are proportions of the walkers who leave a vertex. An undirected edge is walked both ways.

    Args:
        rounds: where the rounds are kept; told the sum of all changes of each.
        damping: the probability of going on, 0 to 1.
        tolerance: the sum of all changes at which it ends.
        most: rounds after which it ends in any case; what is returned then is as far as it came, which is what
            `most=10` asks for.

    Returns:
        id, rank; no rows for the empty graph.
    """
    return _walk(graph, None, rounds, damping, tolerance, most)


def personalised_pagerank(
    graph: Graph,
    sources: DataFrame | Iterable[int],
    rounds: Rounds,
    *,
    damping: float = DAMPING,
    tolerance: float = TOLERANCE,
    most: int = MOST,
) -> DataFrame:
    """As `pagerank`, with a walker who starts at the sources only: nearness to them.

    Args:
        sources: vertices' ids, or a frame with id and, if they are not alike, weight.

    Returns:
        id, rank; zero for vertices that no path leads to.

    Raises:
        GraphError: when there are no sources, or one is not a vertex or stands twice.
    """
    return _walk(graph, _starts(graph, sources), rounds, damping, tolerance, most)


def _walk(
    graph: Graph, starts: DataFrame | None, rounds: Rounds, damping: float, tolerance: float, most: int
) -> DataFrame:
    if not 0 <= damping < 1:
        raise GraphError(f"The damping of PageRank is {damping}.", "Give a number from 0 to below 1; 0.85 is usual.")
    own = rounds.part("pagerank")
    arcs = graph.arcs() if graph.weighted else graph.arcs().drop("weight")
    # In order of dst, what comes to a vertex is added up before it is sent around: half the time of a round.
    arcs = own.write("arcs", arcs.sortWithinPartitions("dst"))
    vertices = own.write("vertices", graph.vertices.select("id"))
    state = own.write("state", _beginning(vertices, arcs, starts))
    stuck, _ = _seen(state)
    for number in own.count(most):
        state = own.keep("state", _round(arcs, state, damping, stuck))
        stuck, change = _seen(state)
        if own.tell(number, change, tolerance):
            break
    return state.select("id", "rank")


def _beginning(vertices: DataFrame, arcs: DataFrame, starts: DataFrame | None) -> DataFrame:
    """Before the first round.

    Returns:
        id, leaving (the weights of the arcs that go out), start (the share of new walks), rank, before.
    """
    weight = F.sum("weight") if "weight" in arcs.columns else F.count("*").cast("double")
    leaving = arcs.groupBy(F.col("src").alias("id")).agg(weight.alias("leaving"))
    if starts is None:
        start: Column = F.lit(1.0 / max(vertices.count(), 1))
        everyone = vertices
    else:
        start = F.coalesce("start", F.lit(0.0))
        everyone = vertices.join(starts, "id", "left")
    return everyone.join(leaving, "id", "left").select(
        "id",
        F.coalesce("leaving", F.lit(0.0)).alias("leaving"),
        start.alias("start"),
        start.alias("rank"),
        start.alias("before"),
    )


def _round(arcs: DataFrame, state: DataFrame, damping: float, stuck: float) -> DataFrame:
    """Walkers go one step: one join and one aggregation of the arcs, and one join of what came with the vertices.

    Args:
        stuck: the share of walkers who stand where no arc leads on.
    """
    going = state.where("leaving > 0").select(
        F.col("id").alias("src"), (damping * F.col("rank") / F.col("leaving")).alias("share")
    )
    share = F.col("share") * F.col("weight") if "weight" in arcs.columns else F.col("share")
    came = arcs.join(going, "src").groupBy(F.col("dst").alias("id")).agg(F.sum(share).alias("came"))
    anew = (1.0 - damping + damping * stuck) * F.col("start")
    rank = (anew + F.coalesce("came", F.lit(0.0))).alias("rank")
    return state.join(came, "id", "left").select("id", "leaving", "start", rank, F.col("rank").alias("before"))


def _seen(state: DataFrame) -> tuple[float, float]:
    """The share of walkers who stand where no arc leads on, and how much the round changed."""
    seen = state.agg(
        F.sum(F.when(F.col("leaving") > 0, 0.0).otherwise(F.col("rank"))), F.sum(F.abs(F.col("rank") - F.col("before")))
    ).first()
    return (seen[0] or 0.0, seen[1] or 0.0) if seen else (0.0, 0.0)


def _starts(graph: Graph, sources: DataFrame | Iterable[int]) -> DataFrame:
    """Sources as shares of the walks: id, start."""
    session = graph.vertices.sparkSession
    if not isinstance(sources, DataFrame):
        sources = session.createDataFrame([(int(one),) for one in sources], "id long")
    weight = F.col("weight").cast("double") if "weight" in sources.columns else F.lit(1.0)
    known = graph.vertices.select("id", F.lit(True).alias("known"))
    rows = sources.select(F.col("id").cast("long").alias("id"), weight.alias("weight")).join(known, "id", "left")
    seen = rows.agg(F.count("*"), F.count("known"), F.countDistinct("id"), F.sum("weight"), F.min("weight")).first()
    count, found, different, total, least = seen if seen else (0, 0, 0, 0.0, 0.0)
    if not count:
        raise GraphError("Personalised PageRank got no sources.", "Give at least one vertex to start from.")
    if found < count:
        strange = [str(row["id"]) for row in rows.where("known is null").sort("id").limit(5).collect()]
        raise GraphError(
            f"{count - found} of {count} sources are not vertices: {', '.join(strange)}.",
            "Sources are ids of the graph's vertices.",
        )
    if different < count or least is None or not 0 < least <= total < float("inf"):
        raise GraphError(
            "A source stands twice, or its weight is not a number above zero.",
            "Give each source once, with its weight.",
        )
    return rows.select("id", (F.col("weight") / F.lit(total)).alias("start"))
