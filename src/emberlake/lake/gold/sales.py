"""Sales by day: what finance closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.lake.gold.totals import stack, total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import Column, DataFrame

    from emberlake.lake.gold.scope import Scope

_GROUP = ("day", "country", "channel")
_COUNTS = ("orders", "buyers", "new_buyers")
_SUMS = ("revenue", "new_revenue", "discount", "shipping", "refunds")


def daily_sales(inputs: Mapping[str, DataFrame], scope: Scope) -> DataFrame:
    """Sales, buyers and refunds a day, country and channel.

    Refunds count on the day of the return, not of the order: finance closes days. A return of a cancelled order does
    not count, because its sale did not.

    Args:
        inputs: gold.order_features, silver.returns.
        scope: all, or certain days.

    Returns:
        The columns of gold.daily_sales, money in EUR.
    """
    features = inputs["gold.order_features"]
    orders = features.where(scope.covers("ordered_at"))
    first = F.col("order_number") == 1
    sold = orders.groupBy(F.to_date("ordered_at").alias("day"), *_where()).agg(
        F.count("*").alias("orders"),
        F.countDistinct("user_id").alias("buyers"),
        F.count_if(first).alias("new_buyers"),
        total("amount").alias("revenue"),
        total(F.when(first, F.col("amount"))).alias("new_revenue"),
        total("discount").alias("discount"),
        total("shipping").alias("shipping"),
    )
    returns = inputs["silver.returns"].where(scope.covers("returned_at")).select("order_id", "returned_at", "refund")
    refunded = (
        returns.join(features.select("order_id", "country", "channel"), "order_id")
        .groupBy(F.to_date("returned_at").alias("day"), *_where())
        .agg(total("refund").alias("refunds"))
    )
    return stack([sold, refunded], _GROUP, _COUNTS, _SUMS)


def _where() -> tuple[Column, Column]:
    said = (F.coalesce(F.col(name), F.lit("unknown")).alias(name) for name in ("country", "channel"))
    return next(said), next(said)


def hourly_sales(inputs: Mapping[str, DataFrame], scope: Scope) -> DataFrame:
    """Sales a day and hour.

    Args:
        inputs: gold.order_features.
        scope: all, or certain days.

    Returns:
        The columns of gold.hourly_sales, money in EUR.
    """
    orders = inputs["gold.order_features"].where(scope.covers("ordered_at"))
    return orders.groupBy(F.to_date("ordered_at").alias("day"), "hour", "weekday").agg(
        F.count("*").alias("orders"), total("amount").alias("revenue")
    )
