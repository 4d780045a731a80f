"""What is known of each active customer at a moment, and whether an order came after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.models.ages import age_band

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# Who ordered within OBSERVED days before a moment is active; who then orders nothing for AHEAD days stays away.
OBSERVED_DAYS, AHEAD_DAYS = 180, 90
NUMBERS = (
    "recency_days", "orders", "orders_30d", "orders_90d", "orders_180d", "trend", "revenue", "revenue_180d",
    "mean_amount", "mean_gap_days", "gap_spread_days", "longest_gap_days", "recency_to_gap", "orders_a_month",
    "tenure_days", "known_days", "coupon_share", "mean_lines", "age", "month",
)  # fmt: skip
# From gold.graph_history, at the beginning of the moment's quarter; null where there is no graph of follows.
GRAPH = ("followers", "following", "follow_rank")
NAMES = ("channel", "country", "acquired_by", "loyalty")
_USERS = "user_id long, birth_year int, country string, channel string, loyalty string, signed_up_at timestamp"
_STANDING = "user_id long, as_of date, followers long, following long, rank double"
_UNKNOWN = "unknown"
_MONTH = 30.4375


def customers_at(inputs: Mapping[str, DataFrame], moments: Sequence[dt.datetime]) -> DataFrame:
    """Active customers at each of these moments, with features from before it and what came after it.

    Recency, frequency and money as of the moment; one shuffle by customer for all moments.

    Args:
        inputs: gold.order_features, and where there are any silver.users and gold.graph_history.
        moments: midnights, UTC; each customer has a row for each at which they are active.

    Returns:
        user_id, moment, the columns of `NUMBERS` (double; age is null where it is not known), `GRAPH` (double, null
        where it is not known) and `NAMES` (string), age_band, and orders_ahead: orders in the `AHEAD_DAYS` from the
        moment on, which is no feature.
    """
    orders = inputs["gold.order_features"].select(
        "user_id", "ordered_at", F.col("amount").cast("double").alias("amount"), "has_coupon", "lines", "channel",
        "country", F.col("days_since_previous").cast("double").alias("gap"),
    )  # fmt: skip
    at = F.array(*(F.lit(moment) for moment in moments))
    seen = orders.withColumn("moment", F.explode(at)).where(
        F.col("ordered_at") < F.col("moment") + F.expr(f"INTERVAL {AHEAD_DAYS} DAYS")
    )
    known, standing = (
        orders.sparkSession.createDataFrame([], ddl) if (rows := inputs.get(name)) is None else rows
        for name, ddl in (("silver.users", _USERS), ("gold.graph_history", _STANDING))
    )
    summed = _summed(seen.withColumn("days", _days("ordered_at")))
    return _with_user(_with_standing(summed, standing), known)


def _days(column: str) -> Column:
    return (F.col("moment").cast("double") - F.col(column).cast("double")) / 86_400


def _summed(seen: DataFrame) -> DataFrame:
    """One row a customer and moment; `days` is how long before the moment an order was placed, below 0 after it."""
    before = F.col("days") > 0
    days, amount = F.col("days"), F.col("amount")

    def past(value: Column, within: int | None = None) -> Column:
        return F.when(before if within is None else before & (days <= within), value)

    counts = {f"orders_{n}d": F.count(past(days, n)).cast("double") for n in (30, 90, OBSERVED_DAYS)}
    summed = seen.groupBy("user_id", "moment").agg(
        F.min(past(days)).alias("recency_days"),
        F.max(past(days)).alias("tenure_days"),
        F.count(past(days)).cast("double").alias("orders"),
        *(count.alias(name) for name, count in counts.items()),
        F.sum(past(amount)).alias("revenue"),
        F.coalesce(F.sum(past(amount, OBSERVED_DAYS)), F.lit(0.0)).alias("revenue_180d"),
        F.coalesce(F.stddev_samp(past(F.col("gap"))), F.lit(0.0)).alias("gap_spread_days"),
        F.max(past(F.col("gap"))).alias("_longest"),
        F.avg(past(F.col("has_coupon").cast("double"))).alias("coupon_share"),
        F.coalesce(F.avg(past(F.col("lines").cast("double"))), F.lit(0.0)).alias("mean_lines"),
        F.max_by("channel", past(F.col("ordered_at"))).alias("channel"),
        F.max_by("country", past(F.col("ordered_at"))).alias("_goes_to"),
        F.count_if(~before).alias("orders_ahead"),
    )
    tenure, orders, recency = F.col("tenure_days"), F.col("orders"), F.col("recency_days")
    # Someone with a single order has no gap yet; the time since then is one that has not ended.
    gap = F.when(orders > 1, (tenure - recency) / (orders - 1)).otherwise(tenure)
    return summed.where(F.col(f"orders_{OBSERVED_DAYS}d") > 0).select(
        "*",
        (2 * F.col("orders_90d") - F.col("orders_180d")).alias("trend"),
        (F.col("revenue") / orders).alias("mean_amount"),
        gap.alias("mean_gap_days"),
        F.greatest(F.coalesce("_longest", tenure), recency).alias("longest_gap_days"),
        (recency / F.greatest(gap, F.lit(1.0))).alias("recency_to_gap"),
        (orders / F.greatest(tenure, F.lit(_MONTH)) * _MONTH).alias("orders_a_month"),
    )


def _with_standing(customers: DataFrame, standing: DataFrame) -> DataFrame:
    """How the customer stood among those who follow each other: what was known when the moment's quarter began."""
    then = standing.select(
        "user_id", F.col("as_of").alias("_quarter"), "followers", "following", F.col("rank").alias("follow_rank")
    )
    quarter = F.trunc(F.to_date("moment"), "quarter")
    return customers.withColumn("_quarter", quarter).join(then, ["user_id", "_quarter"], "left").drop("_quarter")


def _with_user(customers: DataFrame, users: DataFrame) -> DataFrame:
    """What the customer told at sign-up; nulls and 'unknown' where the shop has no such list."""
    told = users.select(
        "user_id", "birth_year", "loyalty", "signed_up_at", F.col("country").alias("_lives_in"),
        F.col("channel").alias("acquired_by"),
    )  # fmt: skip
    year = F.year("moment")
    rows = customers.join(told, "user_id", "left").select(
        "*", F.coalesce("_lives_in", "_goes_to").alias("country"), (year - F.col("birth_year")).alias("age"),
        age_band(year, F.col("birth_year")).alias("age_band"),
        F.greatest(_days("signed_up_at"), F.col("tenure_days")).alias("known_days"),
        # Seasons: what came after the same month a year ago is the best guess of how busy the shop will be.
        F.month("moment").alias("month"),
    )  # fmt: skip
    return rows.select(
        "user_id", "moment", *(F.col(name).cast("double").alias(name) for name in (*NUMBERS, *GRAPH)),
        *(F.coalesce(name, F.lit(_UNKNOWN)).alias(name) for name in NAMES), "age_band", "orders_ahead",
    )  # fmt: skip
