"""What is kept from those who foretell: the newest follows, and as many pairs that never came to be."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.errors import GraphError
from emberlake.graphs.draws import drawn
from emberlake.graphs.graph import Graph

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.rounds import Rounds

SHARE = 0.2


@dataclass(frozen=True)
class HoldOut:
    """Follows before a moment, and what came after.

    Attributes:
        known: src, dst, at: what may be learnt from; its vertices are all who follow or are followed in it.
        pairs: a, b, linked: 1 where a came to follow b after the moment, 0 where none of the two ever followed the
            other. All are known, and no pair of them was linked before.
        cut: the moment, midnight UTC.
        held_out: follows after it.
        strangers: those of them that cannot be foretold from the graph, for one of the two was not in it yet.
        linked_before: those of them between two who were linked already: following back.
    """

    known: Graph
    pairs: DataFrame
    cut: dt.date
    held_out: int
    strangers: int
    linked_before: int


def hold_out(follows: DataFrame, rounds: Rounds, share: float = SHARE, negatives: int = 1, seed: int = 42) -> HoldOut:
    """Split follows by time: the newest at most `share` of them are held out, from a midnight on.

    Time decides and not chance, since that is how it will be used; with links held out at random, those that came
    later would help to foretell earlier ones.

    Args:
        follows: src, dst (long), at (timestamp, UTC); where `at` is null the follow counts as an old one.
        negatives: non-links for each link, with the same `a`; b is drawn from all known users.
        seed: of these draws.

    Raises:
        GraphError: without follows, or if no day leaves something on both sides.
    """
    if not 0 < share < 1 or negatives < 1:
        raise GraphError(
            f"A share of {share:g} held out with {negatives} non-links each cannot be made.",
            "Give a share between 0 and 1, and 1 or more non-links.",
        )
    rows = rounds.write("follows", follows.select("src", "dst", "at").where("src <> dst"))
    cut = _cut(rows, share)
    moment = F.lit(dt.datetime.combine(cut, dt.time(), dt.UTC))
    late = F.col("at").isNotNull() & (F.col("at") >= moment)
    old = rounds.write("known", rows.where(~late))
    sides = _sides(rows)
    ids = rounds.write("known_ids", _sides(old).select(F.col("a").alias("id")).distinct())
    came = rounds.write("came", _marked(rows.where(late), ids, _sides(old)))
    counts = came.agg(F.count("*"), F.sum("stranger"), F.sum("linked_before")).first()
    found = came.where("stranger = 0 and linked_before = 0").select("a", "b")
    links = rounds.write("links", found)
    wrong = _non_links(links, ids, sides, negatives, seed)
    pairs = links.withColumn("linked", F.lit(1)).unionByName(wrong.withColumn("linked", F.lit(0)))
    held, strangers, before = (int(n or 0) for n in counts) if counts else (0, 0, 0)
    return HoldOut(Graph(ids, old, True), rounds.write("pairs", pairs), cut, held, strangers, before)


def _cut(rows: DataFrame, share: float) -> dt.date:
    """The first midnight since when at most the share was followed."""
    days = rows.groupBy(F.to_date("at").alias("day")).agg(F.count("*").alias("follows")).toArrow().to_pylist()
    dated = sorted((one["day"], one["follows"]) for one in days if one["day"] is not None)
    total, since = sum(one["follows"] for one in days), 0
    cut = None
    for day, follows in reversed(dated):
        since += follows
        if since > share * total:
            break
        cut = day
    if cut is None or since == 0:
        raise GraphError(
            f"{total:,} follows cannot be split by time: no day leaves at most {share:.0%} of them after it.",
            "Take in follows of more days, with followed_at, or hold out a larger share.",
        )
    return cut


def _sides(rows: DataFrame) -> DataFrame:
    """Both directions of each follow: a, b, each once."""
    there = rows.select(F.col("src").alias("a"), F.col("dst").alias("b"))
    back = rows.select(F.col("dst").alias("a"), F.col("src").alias("b"))
    return there.unionAll(back).distinct()


def _marked(late: DataFrame, ids: DataFrame, before: DataFrame) -> DataFrame:
    pairs = late.select(F.col("src").alias("a"), F.col("dst").alias("b")).distinct()
    known = ids.withColumn("known", F.lit(1))
    rows = (
        pairs.join(known.select(F.col("id").alias("a"), F.col("known").alias("knows_a")), "a", "left")
        .join(known.select(F.col("id").alias("b"), F.col("known").alias("knows_b")), "b", "left")
        .join(before.withColumn("linked", F.lit(1)), ["a", "b"], "left")
    )
    stranger = (F.col("knows_a").isNull() | F.col("knows_b").isNull()).cast("int")
    return rows.select("a", "b", stranger.alias("stranger"), F.coalesce("linked", F.lit(0)).alias("linked_before"))


def _non_links(links: DataFrame, ids: DataFrame, sides: DataFrame, negatives: int, seed: int) -> DataFrame:
    everyone = Window.partitionBy(F.lit(0)).orderBy("id")
    numbered = ids.select(F.col("id").alias("other"), (F.row_number().over(everyone) - 1).cast("long").alias("place"))
    count = ids.agg(F.count("*").alias("users"))
    tries = F.explode(F.array(*(F.lit(n).cast("long") for n in range(negatives)))).alias("try")
    drew = drawn(seed, "non-links", F.col("a"), F.col("b"), F.col("try"))
    place = F.floor(drew * F.col("users")).cast("long")
    wanted = links.select("a", "b", tries).crossJoin(count).select("a", place.alias("place"))
    pairs = wanted.join(numbered, "place").select("a", F.col("other").alias("b")).where("a <> b").distinct()
    return pairs.join(sides, ["a", "b"], "left_anti")
