"""How well a score tells links from non-links, and how many links lists of ten hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.errors import GraphError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def aucs(scored: DataFrame, scores: Sequence[str]) -> dict[str, float]:
    """The area under the ROC curve of each score: the chance that a link scores above a non-link, ties half.

    Counted exactly, without sampling: Mann and Whitney, "On a test of whether one of two random variables is
    stochastically larger than the other" (1947).

    Args:
        scored: linked (1 or 0), and the scores' columns.

    Raises:
        GraphError: unless there are links and non-links.
    """
    each = F.explode(F.array(*(F.struct(F.lit(s).alias("of"), F.col(s).cast("double").alias("score")) for s in scores)))
    steps = (
        scored.select("linked", each.alias("one")).groupBy("one.of", "one.score")
        .agg(F.sum("linked").alias("links"), F.sum(1 - F.col("linked")).alias("others"))
    )  # fmt: skip
    upwards = Window.partitionBy("of").orderBy("score").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    below = F.sum("others").over(upwards) - F.col("others")
    won = steps.withColumn("won", F.col("links") * (below + F.col("others") / 2))
    totals = won.groupBy("of").agg(F.sum("won"), F.sum("links"), F.sum("others")).collect()
    found = {}
    for of, points, links, others in totals:
        if not links or not others:
            raise GraphError(
                f"{links or 0:,} links and {others or 0:,} non-links are left: no score can be judged.",
                "Hold out a larger share, or take in more follows.",
            )
        found[of] = float(points) / (links * others)
    if not found:
        raise GraphError(
            "No pairs are left: no score can be judged.", "Hold out a larger share, or take in more follows."
        )
    return {score: found[score] for score in scores}


def recalled(lists: DataFrame, pairs: DataFrame) -> float:
    """The share of links that stand in their user's list.

    Args:
        lists: user_id, followee_id.
        pairs: a, b, linked.
    """
    links = pairs.where("linked = 1").select("a", "b")
    listed = lists.select(F.col("user_id").alias("a"), F.col("followee_id").alias("b"), F.lit(1).alias("listed"))
    row = links.join(listed, ["a", "b"], "left").agg(F.count("listed"), F.count("*")).first()
    held, of = row if row is not None else (0, 0)
    return held / of if of else 0.0
