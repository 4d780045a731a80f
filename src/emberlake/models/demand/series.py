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
    # One pass: each day brings the days without sales after it. Rows are categories times days, few for one window.
    following = F.lead("day").over(Window.partitionBy("category").orderBy("day"))
    until = F.coalesce(F.date_sub(following, 1), F.max("day").over(Window.partitionBy()))
    spread = by_day.withColumn("_until", until).select(
        "category", F.posexplode(F.sequence("day", "_until")).alias("_gap", "day"), "units"
    )
    full = spread.select("category", "day", F.when(F.col("_gap") == 0, F.col("units")).otherwise(0.0).alias("units"))
    return full.withColumn("total", F.sum("units").over(Window.partitionBy("day")))
