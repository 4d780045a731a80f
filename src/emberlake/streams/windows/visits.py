"""Visits by session windows: a visit is over after 30 minutes without an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

GAP_MINUTES = 30


def visits(clicks: DataFrame) -> DataFrame:
    """What happened in each visit, with Spark's own session windows.

    An event more than 30 minutes after the last one begins another visit of the same session_id. As a stream a visit
    comes once, when the watermark has passed its last event by the gap.

    Time: n log n in a batch's events (they are sorted by visit and time). State: one row an open visit: those of the
    last 30 minutes and the delay.

    Args:
        clicks: click events, each once: session_id, user_id, event, occurred_at (UTC).

    Returns:
        The columns of gold.live_visits.
    """
    return (
        # The door knows an event's key and time only; what has no visit must not stop the stream.
        clicks.where("session_id IS NOT NULL")
        .groupBy("session_id", F.session_window("occurred_at", f"{GAP_MINUTES} minutes").alias("_window"))
        .agg(
            F.max("occurred_at").alias("last_at"),
            F.max("user_id").alias("user_id"),
            F.count("*").alias("clicks"),
            F.count_if(F.col("event") == "page_view").alias("views"),
            *[
                _any(event).alias(name)
                for event, name in (("add_to_cart", "carted"), ("checkout", "checked_out"), ("purchase", "purchased"))
            ],
        )
        .select(
            "session_id", F.col("_window.start").alias("began_at"), "last_at", "user_id", "clicks", "views",
            "carted", "checked_out", "purchased",
        )
    )  # fmt: skip


def _any(event: str) -> Column:
    return F.max(F.col("event").eqNullSafe(event))
