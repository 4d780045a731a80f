"""The graph as it was: what could be known of each user at the start of each of the last quarters.

A model that learns from the past must not see a follow that came later.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.graphs.graph import Graph
from emberlake.graphs.pagerank import pagerank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame

    from emberlake.graphs.rounds import Rounds

QUARTERS = 6
# A feature needs no more: the order of the ranks does not change any more.
TOLERANCE = 1e-3


def quarters(last: dt.date, count: int = QUARTERS) -> list[dt.date]:
    """The first days of the last `count` quarters that had begun on this day, in their order."""
    month = 12 * last.year + 3 * ((last.month - 1) // 3)
    return [dt.date((month - 3 * n) // 12, (month - 3 * n) % 12 + 1, 1) for n in reversed(range(count))]


def history(users: DataFrame, graph: Graph, days: Sequence[dt.date], rounds: Rounds) -> DataFrame:
    """Degrees and ranks of each user at midnight before each of these days.

    All days are one graph, of a part for each that no edge leads out of: a walk over all of them takes as many rounds
    as one over the largest, and a rank is the share of its part's walkers times the parts.

    Args:
        users: user_id, signed_up_at; who is not among them has always been there.
        graph: the follows of now, with followed_at.
        days: UTC.

    Returns:
        user_id, as_of (date), followers, following (long), rank (double; 1 is the average of that day): a row for
        each user and each day by which they had signed up.
    """
    at = F.explode(F.array(*(F.lit(day) for day in days)))
    people = graph.vertices.select(F.col("id").alias("user_id")).join(users, "user_id", "left")
    there = people.select("user_id", "signed_up_at", at.alias("as_of")).where(_by("signed_up_at"))
    # Two user numbers of 64 bits need not fit into one: a hash of user and day is its name in the graph of all days.
    placed = rounds.write("placed", there.select("user_id", "as_of", _name("user_id").alias("id")))
    then = graph.edges.select("src", "dst", "followed_at", at.alias("as_of")).where(_by("followed_at"))
    parts = then.select(_name("src").alias("src"), _name("dst").alias("dst"))
    # Whoever follows or is followed had signed up by then; a clock that was wrong says otherwise.
    known = [placed.select(F.col("id").alias(end)) for end in ("src", "dst")]
    parts = parts.join(known[0], "src", "left_semi").join(known[1], "dst", "left_semi")
    all_days = Graph(placed.select("id"), rounds.write("parts", parts), directed=True)
    ranks = pagerank(all_days, rounds, tolerance=TOLERANCE)
    into = all_days.edges.groupBy(F.col("dst").alias("id")).agg(F.count("*").alias("followers"))
    out = all_days.edges.groupBy(F.col("src").alias("id")).agg(F.count("*").alias("following"))
    rows = placed.join(ranks, "id").join(into, "id", "left").join(out, "id", "left")
    average = placed.groupBy("as_of").agg(F.count("*").alias("_users"))
    walkers = placed.join(ranks, "id").groupBy("as_of").agg(F.sum("rank").alias("_share")).join(average, "as_of")
    counts = [F.coalesce(name, F.lit(0)).cast("long").alias(name) for name in ("followers", "following")]
    return rows.join(F.broadcast(walkers), "as_of").select(
        "user_id", "as_of", *counts, (F.col("rank") * F.col("_users") / F.col("_share")).alias("rank")
    )


def _by(column: str) -> Column:
    # What has no time has always been so.
    return F.coalesce(F.col(column) < F.col("as_of").cast("timestamp"), F.lit(True))


def _name(user: str) -> Column:
    return F.xxhash64(F.col(user), F.col("as_of"))
