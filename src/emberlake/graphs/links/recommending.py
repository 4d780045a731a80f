"""Whom each user may want to follow: those nearest within two steps, and where these are few, the most followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.errors import GraphError
from emberlake.graphs.links.measures import MEASURES
from emberlake.graphs.links.pairs import HUB_CAP, pairs_within_two_hops

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.graph import Graph
    from emberlake.graphs.rounds import Rounds

TOP = 10
# Of the most followed, as many more as someone may already follow of them.
_SPARE = 40
NEAR, POPULAR = "near", "popular"


def recommended_follows(
    graph: Graph,
    rounds: Rounds,
    top: int = TOP,
    by: str = "adamic_adar",
    fame: float = 0.5,
    hub_cap: int | None = HUB_CAP,
) -> DataFrame:
    """The users whom each user should be shown, best first; nobody they follow, and not themselves.

    Args:
        graph: directed: src follows dst.
        by: one of `MEASURES`.
        fame: the measure is multiplied by the number of followers to this power: 0 is the plain measure.
        hub_cap: as in `pairs_within_two_hops`.

    Returns:
        user_id, rank (1 to top), followee_id, score, common, reason: "near" (they have common neighbours) or, after
        all of these, "popular" (most followed of all; its score is 0). Equal scores go by followers, then by id.

    Raises:
        GraphError: for another measure, or a list without places.
    """
    if by not in MEASURES:
        raise GraphError(f"{by!r} is no measure of closeness.", f"There are: {', '.join(MEASURES)}.")
    if top < 1 or fame < 0:
        raise GraphError(
            f"A list of {top} places by fame {fame:g} cannot be made.", "Give top 1 or more, fame 0 or more."
        )
    follows = rounds.write("followed", graph.edges.select("src", "dst").where("src <> dst").distinct())
    fans = follows.groupBy(F.col("dst").alias("followee_id")).agg(F.count("*").alias("followers"))
    fans = rounds.write("followers", fans)
    near = rounds.write("near", _near(graph, rounds, follows, fans, by, fame, hub_cap).where(F.col("rank") <= top))
    more = _popular(graph, follows, fans, near, top)
    chosen = ("user_id", "rank", "followee_id", "score", "common", "reason")
    return near.select(*chosen).unionByName(more.select(*chosen))


def _near(
    graph: Graph, rounds: Rounds, follows: DataFrame, fans: DataFrame, by: str, fame: float, hub_cap: int | None
) -> DataFrame:
    pairs = pairs_within_two_hops(graph, rounds, hub_cap).select("a", "b", "common", F.col(by).alias("close"))
    there = pairs.select(F.col("a").alias("user_id"), F.col("b").alias("followee_id"), "common", "close")
    back = pairs.select(F.col("b").alias("user_id"), F.col("a").alias("followee_id"), "common", "close")
    followed = follows.select(F.col("src").alias("user_id"), F.col("dst").alias("followee_id"))
    open_ = there.unionAll(back).join(followed, ["user_id", "followee_id"], "left_anti")
    open_ = open_.join(fans, "followee_id", "left").fillna(0, ["followers"])
    # One follower more for everybody: nobody's score is lost for being new.
    score = F.col("close") * F.pow(F.col("followers") + 1.0, F.lit(fame)) if fame else F.col("close")
    # Both engines raise to a power in their own way, and differ in the last bit.
    scored = open_.withColumn("score", F.round(score.cast("double"), 9))
    best = Window.partitionBy("user_id").orderBy(F.col("score").desc(), F.col("followers").desc(), "followee_id")
    return scored.select(
        "user_id",
        F.row_number().over(best).alias("rank"),
        "followee_id",
        "score",
        "common",
        F.lit(NEAR).alias("reason"),
    )


def _popular(graph: Graph, follows: DataFrame, fans: DataFrame, near: DataFrame, top: int) -> DataFrame:
    """For users with free places: the most followed whom they do not follow yet."""
    filled = near.groupBy(F.col("user_id").alias("id")).agg(F.count("*").alias("filled"))
    short = (
        graph.vertices.select("id").join(filled, "id", "left").fillna(0, ["filled"]).where(F.col("filled") < top)
        .withColumnRenamed("id", "user_id")
    )  # fmt: skip
    stars = fans.orderBy(F.col("followers").desc(), "followee_id").limit(top + _SPARE)
    taken = follows.select(F.col("src").alias("user_id"), F.col("dst").alias("followee_id"))
    taken = taken.unionAll(near.select("user_id", "followee_id"))
    offered = short.crossJoin(F.broadcast(stars)).where("user_id <> followee_id")
    offered = offered.join(taken, ["user_id", "followee_id"], "left_anti")
    first = Window.partitionBy("user_id").orderBy(F.col("followers").desc(), "followee_id")
    ranked = offered.withColumn("rank", (F.row_number().over(first) + F.col("filled")).cast("int"))
    return ranked.where(F.col("rank") <= top).select(
        "user_id", "rank", "followee_id", F.lit(0.0).alias("score"), F.lit(0).cast("long").alias("common"),
        F.lit(POPULAR).alias("reason"),
    )  # fmt: skip
