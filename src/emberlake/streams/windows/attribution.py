"""Which orders came after which clicks: a join of two streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

WITHIN = "30 minutes"
CLICKS = ("page_view", "checkout", "purchase")


def clicks_to_orders(
    clicks: DataFrame, orders: DataFrame, how: Literal["inner", "left_outer"] = "left_outer"
) -> DataFrame:
    """Each product view, check-out and purchase of a known user, with each order of theirs in the 30 minutes after.

    The bounds on time tell Spark when a row can find no partner any more: a click is kept until the watermark is 30
    minutes past it, an order until it is past the order. Only then a click without an order comes out (left outer).

    Time: linear in the rows and the pairs. State: the clicks of the last 30 minutes and the delay, and the orders of
    the last delay. When one of the streams stands still so does the watermark, and the other's rows are kept.

    Args:
        clicks: click events, each once: event_id, user_id, event, product_id, occurred_at (UTC).
        orders: order events, each once: order_id, user_id, ordered_at (UTC), amount (EUR).
        how: inner (pairs only), or left_outer (also clicks without an order).

    Returns:
        The columns of gold.live_attribution.
    """
    known = clicks.where(F.col("event").isin(*CLICKS) & F.col("user_id").isNotNull()).select(
        "event_id", "user_id", "event", "product_id", "occurred_at"
    )
    bought = orders.select(F.col("user_id").alias("_buyer"), "order_id", "ordered_at", "amount")
    after = (F.col("ordered_at") >= F.col("occurred_at")) & (
        F.col("ordered_at") <= F.col("occurred_at") + F.expr(f"INTERVAL {WITHIN}")
    )
    return known.join(bought, (F.col("user_id") == F.col("_buyer")) & after, how).drop("_buyer")
