"""How far visits get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import Column, DataFrame

    from emberlake.lake.gold.scope import Scope


def funnel_daily(inputs: Mapping[str, DataFrame], scope: Scope) -> DataFrame:
    """Visits a day and device, and how many got to each stage.

    A visit counts on the day of its first event, however long it lasts. Where its events name several devices, the
    first name in the alphabet counts, and no name only where none has one.

    Args:
        inputs: silver.events.
        scope: all, or certain days.

    Returns:
        The columns of gold.funnel_daily.
    """
    visits = (
        _in_scope(inputs["silver.events"], scope)
        .groupBy("session_id")
        .agg(
            F.min("occurred_at").alias("began"),
            F.coalesce(F.min("device"), F.lit("unknown")).alias("device"),
            _any("page_view", "search").alias("viewed"),
            _any("add_to_cart").alias("carted"),
            _any("checkout").alias("checked_out"),
            _any("purchase").alias("purchased"),
        )
    )
    return (
        visits.where(scope.covers("began"))
        .groupBy(F.to_date("began").alias("day"), "device")
        .agg(
            F.count("*").alias("sessions"),
            *[F.sum(stage).alias(stage) for stage in ("viewed", "carted", "checked_out", "purchased")],
        )
    )


def _in_scope(events: DataFrame, scope: Scope) -> DataFrame:
    if scope.spans is None:
        return events
    # Visits with an event on these days, whole: one that began the day before counts there, not here.
    touched = events.where(scope.covers("occurred_at")).select("session_id").distinct()
    return events.join(touched, "session_id", "left_semi")


def _any(*events: str) -> Column:
    return F.max(F.when(F.col("event").isin(*events), 1).otherwise(0))
