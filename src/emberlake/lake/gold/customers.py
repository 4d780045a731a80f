"""Everything about a customer in one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.lake.gold.rfm import with_scores
from emberlake.lake.gold.totals import MONEY_SUM, or_zero, total
from emberlake.tables import GOLD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import Column, DataFrame

    from emberlake.lake.gold.scope import Scope

_DAY_SECONDS = 24 * 60 * 60
_COUNTS = ("orders", "orders_90d", "orders_before_90d", "coupon_orders", "returns", "sessions_90d")
_SUMS = ("revenue", "revenue_90d", "discount", "refunds")


def customer_360(inputs: Mapping[str, DataFrame], scope: Scope) -> DataFrame:
    """Customers as of the last day with an order: who they are, what they did, how they are doing.

    Everyone who signed up or ordered has a row; a shop without a table of users gets them from its orders.

    Args:
        inputs: silver.users, silver.addresses, silver.returns, silver.events, gold.order_features.
        scope: always all: with a new last day everybody's recency changes.

    Returns:
        The columns of gold.customer_360, money in EUR; no rows while there is no order.
    """
    features = inputs["gold.order_features"]
    as_of = features.agg(F.to_date(F.max("ordered_at")).alias("as_of")).where("as_of IS NOT NULL")
    people = _people(inputs["silver.users"], inputs["silver.addresses"])
    rows = (
        people.join(_orders(features, as_of), "user_id", "full")
        .join(_returns(inputs["silver.returns"], features), "user_id", "left")
        .join(_sessions(inputs["silver.events"], as_of), "user_id", "left")
        .join(_last_countries(features, people), "user_id", "left")
    )
    done = as_of.crossJoin(rows).select(*_columns())
    return with_scores(done, features).select(*GOLD["customer_360"].names)


def _columns() -> list[Column | str]:
    orders = F.col("orders")
    gap = (F.unix_micros("last_ordered_at") - F.unix_micros("first_ordered_at")).cast("double") / 1e6 / _DAY_SECONDS
    given: list[Column | str] = ["user_id", "city", "acquired_by", "loyalty", "birth_year", "signed_up_at", "as_of"]
    return [
        *given, "first_ordered_at", "last_ordered_at",
        F.coalesce("_home", "_last_country").alias("country"),
        *[or_zero(name).alias(name) for name in _COUNTS],
        *[F.coalesce(F.col(name), F.lit(0)).cast(MONEY_SUM).alias(name) for name in _SUMS],
        (F.col("revenue").cast("double") / orders.cast("double")).alias("average_order_value"),
        F.date_diff("as_of", F.to_date("last_ordered_at")).cast("int").alias("recency_days"),
        F.when(orders > 1, gap / (orders - 1).cast("double")).alias("mean_gap_days"),
    ]  # fmt: skip


def _people(users: DataFrame, addresses: DataFrame) -> DataFrame:
    now = addresses.where("is_current").select(
        "user_id", F.col("country").alias("_country"), F.col("city").alias("_city")
    )
    moved = F.col("_country").isNotNull() | F.col("_city").isNotNull()
    return users.join(now, "user_id", "left").select(
        "user_id",
        F.coalesce("_country", "country").alias("_home"),
        # The city of sign-up is not in the country that the user has moved to.
        F.when(moved, F.col("_city")).otherwise(F.col("city")).alias("city"),
        F.col("channel").alias("acquired_by"),
        "loyalty",
        "birth_year",
        "signed_up_at",
    )


def _orders(features: DataFrame, as_of: DataFrame) -> DataFrame:
    day = F.to_date("ordered_at")
    recent = day > F.date_sub("as_of", 90)
    before = (day > F.date_sub("as_of", 180)) & ~recent
    return (
        as_of.crossJoin(features)
        .groupBy("user_id")
        .agg(
            F.count("*").alias("orders"),
            total("amount").alias("revenue"),
            F.min("ordered_at").alias("first_ordered_at"),
            F.max("ordered_at").alias("last_ordered_at"),
            F.count_if(recent).alias("orders_90d"),
            F.count_if(before).alias("orders_before_90d"),
            total(F.when(recent, F.col("amount"))).alias("revenue_90d"),
            F.count_if("has_coupon").alias("coupon_orders"),
            total("discount").alias("discount"),
        )
    )


def _last_countries(features: DataFrame, people: DataFrame) -> DataFrame:
    """Where the last order went to, for those of whom nothing else says a country."""
    known = people.where("_home IS NOT NULL").select("user_id")
    orders = features.select("user_id", "order_number", "country").join(known, "user_id", "left_anti")
    return orders.groupBy("user_id").agg(F.max_by("country", "order_number").alias("_last_country"))


def _returns(returns: DataFrame, features: DataFrame) -> DataFrame:
    who = features.select("order_id", "user_id")
    sent = returns.select("order_id", "refund").join(who, "order_id").groupBy("user_id")
    return sent.agg(F.count("*").alias("returns"), total("refund").alias("refunds"))


def _sessions(events: DataFrame, as_of: DataFrame) -> DataFrame:
    day = F.to_date("occurred_at")
    signed_in = events.where("user_id IS NOT NULL").select("user_id", "session_id", "occurred_at")
    recent = as_of.crossJoin(signed_in).where((day > F.date_sub("as_of", 90)) & (day <= F.col("as_of")))
    return recent.groupBy("user_id").agg(F.countDistinct("session_id").alias("sessions_90d"))
