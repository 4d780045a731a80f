"""Revenue, orders and conversion by minute: tumbling and sliding windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_MONEY = "decimal(12,2)"


def moments(orders: DataFrame, clicks: DataFrame) -> DataFrame:
    """What counts, one row each: orders with an amount that were not cancelled, and begins of visits.

    The union's watermark is the slower one of both: while one of the two streams stands still, no window is final.

    Args:
        orders: order events, each once: ordered_at (UTC), status, channel, amount (EUR).
        clicks: click events, each once: event, occurred_at (UTC).

    Returns:
        at (UTC), orders, online_orders, visits (0 or 1 each), revenue (EUR).
    """
    online = F.coalesce(F.col("channel").isin("web", "app"), F.lit(False)).cast("long")
    sold = orders.where(~F.col("status").eqNullSafe("cancelled") & F.col("amount").isNotNull()).select(
        F.col("ordered_at").alias("at"), F.lit(1).cast("long").alias("orders"), online.alias("online_orders"),
        F.lit(0).cast("long").alias("visits"), F.col("amount").cast(_MONEY).alias("revenue"),
    )  # fmt: skip
    begun = clicks.where("event = 'session_start'").select(
        F.col("occurred_at").alias("at"), F.lit(0).cast("long").alias("orders"),
        F.lit(0).cast("long").alias("online_orders"), F.lit(1).cast("long").alias("visits"),
        F.lit(0).cast(_MONEY).alias("revenue"),
    )  # fmt: skip
    return sold.unionByName(begun)


def by_minute(moments: DataFrame) -> DataFrame:
    """Counts of each minute (a tumbling window): every moment is in one.

    State: one row a minute, until the watermark passes its end: the delay's minutes plus the open one.

    Args:
        moments: see `moments`.

    Returns:
        The columns of gold.live_minutes; minutes without a moment have no row.
    """
    return _counted(moments, F.window("at", "1 minute")).select(
        F.col("window.start").alias("minute"), *_COUNTS, _conversion()
    )


def by_five_minutes(moments: DataFrame) -> DataFrame:
    """Counts of five minutes, anew each minute (a sliding window): every moment is in five.

    State and time are five times those of `by_minute`.

    Args:
        moments: see `moments`.

    Returns:
        The columns of gold.live_five_minutes.
    """
    return _counted(moments, F.window("at", "5 minutes", "1 minute")).select(
        F.col("window.start").alias("window_start"), F.col("window.end").alias("window_end"), *_COUNTS, _conversion()
    )


_COUNTS = ("orders", "online_orders", "revenue", "visits")


def _conversion() -> Column:
    # Not a cohort: who ordered in this minute may have come in an earlier one. gold.live_visits tells of each visit.
    share = F.col("online_orders").cast("double") / F.col("visits").cast("double")
    return F.when(F.col("visits") > 0, share).alias("conversion")


def _counted(moments: DataFrame, window: Column) -> DataFrame:
    return moments.groupBy(window.alias("window")).agg(*[F.sum(name).alias(name) for name in _COUNTS])
