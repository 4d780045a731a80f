"""Who saw which variant, and since when: from a log, or worked out from who was active."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from emberlake.trials.assignment import Method, variant_column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Why users are in no comparison.
CONFLICT, OUTSIDE = "in two variants", "outside the trial's days"


def active_before(activity: DataFrame, since: dt.date, days: int) -> DataFrame:
    """Everybody who ordered or visited shortly before the trial, exposed from its first moment on.

    Args:
        activity: user_id, happened_at.

    Returns:
        user_id, exposed_at: a row a user.
    """
    import pyspark.sql.functions as F

    begin = moment(since)
    at = F.col("happened_at")
    recent = activity.where((at >= F.lit(begin - dt.timedelta(days=days))) & (at < F.lit(begin)))
    return recent.where("user_id is not null").select("user_id").distinct().withColumn("exposed_at", F.lit(begin))


def active_during(activity: DataFrame, since: dt.date, until: dt.date) -> DataFrame:
    """Everybody who ordered or visited within the trial, exposed from that moment on.

    Sound only where the variant cannot change who comes: see docs/decisions/0081-who-takes-part.md.

    Args:
        activity: user_id, happened_at.

    Returns:
        user_id, exposed_at: a row a user.
    """
    import pyspark.sql.functions as F

    at = F.col("happened_at")
    within = activity.where((at >= F.lit(moment(since))) & (at < F.lit(moment(until))))
    return within.where("user_id is not null").groupBy("user_id").agg(F.min("happened_at").alias("exposed_at"))


def assigned(users: DataFrame, shares: Mapping[str, float], salt: str, method: Method) -> DataFrame:
    """Users with the variant that the trial's assignment gives them.

    Args:
        users: user_id, exposed_at.

    Returns:
        user_id, variant, exposed_at.
    """
    import pyspark.sql.functions as F

    return users.select(
        "user_id", variant_column(F.col("user_id"), shares, salt, method).alias("variant"), "exposed_at"
    )


def first_exposures(log: DataFrame, since: dt.date, until: dt.date) -> DataFrame:
    """A row a user: the first exposure counts, and a user seen in two variants is marked.

    Args:
        log: user_id, variant, exposed_at: any number of rows a user.

    Returns:
        user_id, variant, exposed_at and left_out (string): null for users in the comparison, else why they are not.
    """
    import pyspark.sql.functions as F

    first = log.groupBy("user_id").agg(
        F.min("exposed_at").alias("exposed_at"), F.min("variant").alias("variant"), F.max("variant").alias("_other")
    )
    at = F.col("exposed_at")
    outside = (at < F.lit(moment(since))) | (at >= F.lit(moment(until)))
    reason = F.when(F.col("variant") != F.col("_other"), CONFLICT).when(outside, OUTSIDE)
    return first.select("user_id", "variant", "exposed_at", reason.alias("left_out"))


def moment(day: dt.date) -> dt.datetime:
    """A day's first moment, UTC."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
