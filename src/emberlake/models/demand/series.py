"""Pieces a day of each category, without gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

UNKNOWN = "unknown"


def daily(products: DataFrame) -> DataFrame:
    """Pieces of each category on every day from its first sale to the shop's last one.

    Args:
        products: gold.product_daily.

    Returns:
        category, day, units (double; 0 where nothing was sold), total (of all categories on that day).
    """
    sold = products.where("units > 0").select(
        F.coalesce("category", F.lit(UNKNOWN)).alias("category"), "day", F.col("units").cast("double").alias("units")
    )
    by_day = sold.groupBy("category", "day").agg(F.sum("units").alias("units"))
    last = by_day.agg(F.max("day").alias("_last"))
    spans = by_day.groupBy("category").agg(F.min("day").alias("_first")).crossJoin(last)
    grid = spans.select("category", F.explode(F.sequence("_first", "_last")).alias("day"))
    full = grid.join(by_day, ["category", "day"], "left").na.fill(0.0, ["units"])
    return full.withColumn("total", F.sum("units").over(Window.partitionBy("day")))
