"""How a customer buys: one row of raw numbers each, which the model itself takes logarithms of and standardises."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# Two orders are the fewest that show a habit; one-time buyers are given a segment, but do not shape it.
FEWEST_ORDERS = 2
MOST_CHANNELS = 3
LEAST_CHANNEL_SHARE = 0.02
CHANNEL = "channel_"
RAW = ("orders", "recency_days", "average_order_value", "lines_per_order", "coupon_share", "price_level")


def channel_column(channel: str) -> str:
    """The column that holds a channel's share of a customer's orders."""
    return CHANNEL + re.sub(r"\W+", "_", channel.lower(), flags=re.ASCII)


def main_channels(orders: DataFrame) -> list[str]:
    """The columns of the channels that most orders come by; none where there is one channel only."""
    counted = orders.groupBy("channel").agg(F.count("*").alias("orders"))
    largest = counted.orderBy(F.desc("orders"), "channel").limit(MOST_CHANNELS + 1).collect()
    total = sum(row.orders for row in largest)
    names = [row.channel for row in largest if row.channel and row.orders >= LEAST_CHANNEL_SHARE * total]
    columns = list(dict.fromkeys(channel_column(name) for name in names))
    return columns[:MOST_CHANNELS] if len(columns) > 1 else []


def behaviour(inputs: Mapping[str, DataFrame], channels: Sequence[str]) -> DataFrame:
    """What each customer with an order has done up to the last day of the data.

    Args:
        inputs: gold.order_features; silver.order_items and silver.products may be empty.
        channels: columns to make of channels: `main_channels`, or those that a model was fitted with.

    Returns:
        user_id, as_of (date, UTC), orders, recency_days, average_order_value (EUR), lines_per_order (null without
        lines), coupon_share, price_level (mean logarithm of a line's price over what its category typically costs,
        null without lines) and a share of the orders for each channel.
    """
    orders = inputs["gold.order_features"]
    as_of = orders.agg(F.to_date(F.max("ordered_at")).alias("as_of"))
    grouped = (
        orders.join(_price_levels(inputs["silver.order_items"], inputs["silver.products"]), "order_id", "left")
        .groupBy("user_id")
        .agg(
            F.count("*").cast("double").alias("orders"),
            F.to_date(F.max("ordered_at")).alias("_last"),
            F.avg(F.col("amount").cast("double")).alias("average_order_value"),
            F.avg("lines").alias("lines_per_order"),
            F.avg(F.col("has_coupon").cast("double")).alias("coupon_share"),
            (F.sum("_ratios") / F.sum("_lines")).alias("price_level"),
            *[F.avg(_comes_by(column)).alias(column) for column in channels],
        )
    )
    rows = grouped.crossJoin(as_of).withColumn("recency_days", F.date_diff("as_of", "_last").cast("double"))
    return rows.select("user_id", "as_of", *RAW, *channels)


def _comes_by(column: str) -> Column:
    name = F.regexp_replace(F.lower(F.coalesce("channel", F.lit(""))), r"\W+", "_")
    return (F.concat(F.lit(CHANNEL), name) == column).cast("double")


def _price_levels(items: DataFrame, products: DataFrame) -> DataFrame:
    """Per order, the lines whose price can be compared and the sum of their logarithmic ratios."""
    priced = products.where("list_price > 0").withColumn("_ln", F.ln(F.col("list_price").cast("double")))
    typical = priced.groupBy("category").agg(F.avg("_ln").alias("_typical"))
    known = priced.select("product_id", "category").join(F.broadcast(typical), "category")
    ratio = F.ln(F.col("unit_price").cast("double")) - F.col("_typical")
    lines = items.where("unit_price > 0").join(F.broadcast(known), "product_id")
    return lines.groupBy("order_id").agg(F.sum(ratio).alias("_ratios"), F.count("*").alias("_lines"))
