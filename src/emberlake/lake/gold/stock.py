"""Stock: what is on hand, and how long it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.lake.gold.totals import or_zero, stack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame

    from emberlake.lake.gold.scope import Scope

_PACE_DAYS, _LOW_DAYS, _SLOW_DAYS = 28, 14, 180


def stock_daily(inputs: Mapping[str, DataFrame], scope: Scope) -> DataFrame:
    """Pieces on hand at the end of each day on which a product's stock moved.

    Args:
        inputs: silver.products (its opening stock, 0 where unknown), silver.inventory, gold.product_daily.
        scope: always all: a movement changes every day after it.

    Returns:
        The columns of gold.stock_daily.
    """
    moved = inputs["silver.inventory"].where("moved_at IS NOT NULL")
    booked = moved.groupBy("product_id", F.to_date("moved_at").alias("day")).agg(F.sum("quantity").alias("received"))
    traded = inputs["gold.product_daily"].select(
        "product_id", "day", F.col("units").alias("sold"), F.col("returned_units").alias("returned")
    )
    moves = ("received", "sold", "returned")
    days = stack([booked, traded], ("product_id", "day"), moves, ())
    so_far = Window.partitionBy("product_id").orderBy("day").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    change = F.sum(F.col("received") - F.col("sold") + F.col("returned")).over(so_far)
    opening = inputs["silver.products"].select("product_id", F.col("opening_stock").cast("long").alias("_opening"))
    return (
        days.withColumn("_change", change)
        .join(opening, "product_id", "left")
        .select("product_id", "day", *moves, (F.coalesce("_opening", F.lit(0)) + F.col("_change")).alias("on_hand"))
    )


def inventory_cover(inputs: Mapping[str, DataFrame], scope: Scope) -> DataFrame:
    """How long each product's stock lasts at the pace of the last 28 days.

    Args:
        inputs: silver.products, gold.stock_daily, gold.order_features (for the last day).
        scope: always all.

    Returns:
        The columns of gold.inventory_cover: products whose opening stock or movements are known.
    """
    stock = inputs["gold.stock_daily"]
    days = stock.select("day").unionByName(inputs["gold.order_features"].select(F.to_date("ordered_at").alias("day")))
    as_of = days.agg(F.max("day").alias("as_of")).where("as_of IS NOT NULL")
    recent = F.col("day") > F.date_sub("as_of", _PACE_DAYS)
    known = (
        stock.crossJoin(as_of)
        .groupBy("product_id")
        .agg(
            F.max_by("on_hand", "day").alias("_on_hand"),
            F.sum(F.when(recent, F.col("sold")).otherwise(0)).alias("_units"),
            F.count_if(F.col("on_hand") <= 0).alias("_out"),
        )
    )
    catalogue = inputs["silver.products"].select("product_id", "name", "category", "supplier", "opening_stock")
    rows = catalogue.join(known, "product_id", "full").where("_on_hand IS NOT NULL OR opening_stock IS NOT NULL")
    cover = F.col("on_hand").cast("double") / (F.col("units_28d").cast("double") / _PACE_DAYS)
    state = (
        F.when(F.col("on_hand") <= 0, "out")
        .when(F.col("cover_days").isNull() | (F.col("cover_days") > _SLOW_DAYS), "slow")
        .when(F.col("cover_days") < _LOW_DAYS, "low")
        .otherwise("fine")
    )
    return (
        rows.crossJoin(as_of)
        .select(
            "product_id", "name", "category", "supplier", "as_of",
            F.coalesce("_on_hand", F.col("opening_stock").cast("long")).alias("on_hand"),
            or_zero("_units").alias("units_28d"),
            or_zero("_out").alias("stock_out_days"),
        )
        .withColumn("cover_days", F.when(F.col("units_28d") > 0, cover))
        .withColumn("state", state)
    )  # fmt: skip
