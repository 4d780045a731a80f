"""One row an order, with what was known about its customer just before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.lake.gold.numbering import with_numbers
from emberlake.tables import GOLD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame

    from emberlake.lake.gold.scope import Scope

_GIVEN = (
    "order_id", "user_id", "ordered_at", "status", "channel", "country",
    "amount", "items_amount", "discount", "shipping",
)  # fmt: skip
_DAY_MICROS = 24 * 60 * 60 * 1_000_000


def order_features(inputs: Mapping[str, DataFrame], scope: Scope) -> DataFrame:
    """Orders that were not cancelled, numbered by customer.

    Args:
        inputs: silver.orders, silver.order_items.
        scope: all, or the orders of certain users.

    Returns:
        The columns of gold.order_features, amounts in EUR, times in UTC.
    """
    # A shop without statuses has no cancelled orders.
    orders = inputs["silver.orders"].where("status IS NULL OR status <> 'cancelled'")
    items = inputs["silver.order_items"]
    if scope.users is not None:
        orders = orders.join(scope.users, "user_id", "left_semi")
        items = items.join(orders.select("order_id"), "order_id", "left_semi")
    rows = with_numbers(orders.select(*_GIVEN, F.col("coupon").isNotNull().alias("has_coupon")))
    lines = items.groupBy("order_id").agg(F.count("*").alias("lines"), F.sum("quantity").alias("units"))
    since = F.unix_micros("ordered_at") - F.unix_micros("previous_ordered_at")
    # The narrow side first: the embedded engine keeps the left side of a join in memory.
    return (
        lines.join(rows, "order_id", "right")
        .withColumn("days_since_previous", F.floor(since / _DAY_MICROS).cast("int"))
        .withColumn("hour", F.hour("ordered_at"))
        # Not weekday(): Sail 0.7.2 gives -1 for Sundays, Spark 6.
        .withColumn("weekday", (F.dayofweek("ordered_at") + 5) % 7 + 1)
        .withColumn("month", F.trunc(F.to_date("ordered_at"), "month"))
        .select(*GOLD["order_features"].names)
    )
