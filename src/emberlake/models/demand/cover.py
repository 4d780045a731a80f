"""How long the stock lasts at the pace that is forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.models.demand.series import UNKNOWN
from emberlake.tables import find

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# A product's share of its category is taken from eight weeks: four are too few for slow ones.
SHARE_DAYS, LOW_DAYS = 56, 14


def demand_cover(stock: DataFrame, products: DataFrame, forecast: DataFrame) -> DataFrame:
    """Each product's part of its category's forecast, against what is on hand.

    Args:
        stock: gold.inventory_cover.
        products: gold.product_daily.
        forecast: gold.demand_forecast.

    Returns:
        The columns of gold.demand_cover; days from the first forecast day on.
    """
    own = shares(products)
    known = stock.select("product_id", F.coalesce("category", F.lit(UNKNOWN)).alias("category"), "as_of", "on_hand")
    version = forecast.agg(F.max("model_version").alias("model_version"))
    with_share = known.join(own, "product_id", "left").na.fill(0.0, ["share"])
    so_far = Window.partitionBy("product_id").orderBy("day").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    days = with_share.join(forecast.select("category", "day", "units"), "category", "left").select(
        "product_id", "category", "as_of", "on_hand",
        F.coalesce(F.col("share") * F.col("units"), F.lit(0.0)).alias("_units"),
        F.coalesce(F.row_number().over(Window.partitionBy("product_id").orderBy("day")), F.lit(1)).alias("_day"),
        F.col("day"),
    ).withColumn("_sum", F.sum("_units").over(so_far))  # fmt: skip
    # The part of the day on which the last piece goes.
    gone = F.when(
        (F.col("_units") > 0) & (F.col("_sum") >= F.col("on_hand")),
        F.col("_day") - (F.col("_sum") - F.col("on_hand")) / F.col("_units"),
    )
    summed = days.groupBy("product_id", "category", "as_of", "on_hand").agg(
        F.sum("_units").alias("demand_28d"), F.min(gone).alias("_gone")
    )
    cover = F.when(F.col("on_hand") <= 0, 0.0).otherwise(F.col("_gone"))
    state = F.when(F.col("on_hand") <= 0, "out").when(F.col("cover_days") < LOW_DAYS, "low").otherwise("fine")
    rows = summed.withColumn("cover_days", cover).withColumn("state", state).crossJoin(version)
    return rows.select(*find("gold.demand_cover").names)


def shares(products: DataFrame) -> DataFrame:
    """Each product's share of its category's pieces in the last eight weeks: product_id, share."""
    last = products.agg(F.max("day").alias("_last"))
    recent = products.crossJoin(F.broadcast(last)).where(F.col("day") > F.date_sub("_last", SHARE_DAYS))
    sold = recent.groupBy(F.coalesce("category", F.lit(UNKNOWN)).alias("_category"), "product_id").agg(
        F.sum("units").cast("double").alias("_units")
    )
    whole = F.sum("_units").over(Window.partitionBy("_category"))
    return sold.select("product_id", F.when(whole > 0, F.col("_units") / whole).otherwise(0.0).alias("share"))
