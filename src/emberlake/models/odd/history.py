"""Each order beside what was known just before it: what its customer spends, how often they order, where they live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_HOUR = 3600
_MICROS = 1_000_000


def judged(inputs: Mapping[str, DataFrame], low: float, high: float) -> DataFrame:
    """One row an order, all about the time before it.

    Args:
        inputs: gold.order_features; silver.order_items, silver.users and silver.addresses may be empty.
        low, high: logarithms of amounts are kept within these where they become history, so that one odd order does
            not make the next one ordinary.

    Returns:
        order_id, user_id, ordered_at, country, amount (EUR), hour (0 to 23, UTC), log_amount, pieces (of the line with
        most; null without lines), earlier (orders before), mean_log (mean of their kept logarithms; null for the
        first), within_hour (the customer's orders in the hour before), earlier_orders_old (orders before that hour),
        known_hours (since sign-up or the first order), new_country (true where the order goes to a country in which the
        customer never lived or ordered before; null where neither was known).
    """
    before = Window.partitionBy("user_id").orderBy("order_number")
    earlier = before.rowsBetween(Window.unboundedPreceding, -1)
    # By number and not by counting: orders of the same second are all in the window, and some come after.
    hour = Window.partitionBy("user_id").orderBy(F.unix_micros("ordered_at")).rangeBetween(-_HOUR * _MICROS, 0)
    there = Window.partitionBy("user_id", "country").orderBy("order_number")
    log_amount = F.ln(F.col("amount").cast("double") + 1)
    kept = F.least(F.greatest(F.col("log_amount"), F.lit(low)), F.lit(high))
    rows = (
        inputs["gold.order_features"]
        .withColumn("log_amount", log_amount)
        .withColumn("mean_log", F.avg(kept).over(earlier))
        .withColumn("within_hour", (F.col("order_number") - F.min("order_number").over(hour)).cast("int"))
        .withColumn("_again", F.row_number().over(there) > 1)
        .join(_pieces(inputs["silver.order_items"]), "order_id", "left")
        .join(_homes(inputs["silver.users"]), "user_id", "left")
        .join(_lived(inputs["silver.addresses"]), ["user_id", "country"], "left")
    )
    since = F.least("first_ordered_at", "signed_up_at")
    at_home = F.coalesce(F.col("_home") == F.col("country"), F.lit(False))
    lived = F.coalesce(F.col("_lived_from") <= F.col("ordered_at"), F.lit(False))
    known = F.col("_home").isNotNull() | (F.col("order_number") > 1)
    return rows.select(
        "order_id", "user_id", "ordered_at", "country", "amount", "log_amount", "pieces", "mean_log", "within_hour",
        "hour",
        (F.col("order_number") - 1).alias("earlier"),
        (F.col("order_number") - 1 - F.col("within_hour")).alias("earlier_orders_old"),
        ((F.unix_micros("ordered_at") - F.unix_micros(since)) / (_HOUR * _MICROS)).alias("known_hours"),
        F.when(known & F.col("country").isNotNull(), ~(F.col("_again") | at_home | lived)).alias("new_country"),
    )  # fmt: skip


def _pieces(items: DataFrame) -> DataFrame:
    return items.groupBy("order_id").agg(F.max("quantity").alias("pieces"))


def _homes(users: DataFrame) -> DataFrame:
    return users.select("user_id", "signed_up_at", F.col("country").alias("_home"))


def _lived(addresses: DataFrame) -> DataFrame:
    """Since when each customer has had an address in each country."""
    return addresses.groupBy("user_id", "country").agg(F.min("changed_at").alias("_lived_from"))
