"""Products: what sells and what comes back, by day and over all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.lake.gold.totals import MONEY_SUM, or_zero, stack, total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame

    from emberlake.lake.gold.scope import Scope

_COUNTS = ("orders", "units", "returned_units")
_SUMS = ("gross", "discount", "refunds")


def product_daily(inputs: Mapping[str, DataFrame], scope: Scope) -> DataFrame:
    """Sales and returns a product and day, the sale on the order's day, the return on its own.

    Args:
        inputs: silver.order_items, silver.returns, silver.products, gold.order_features.
        scope: all, or certain days.

    Returns:
        The columns of gold.product_daily, money in EUR; category and cost are today's.
    """
    features = inputs["gold.order_features"]
    placed = features.where(scope.covers("ordered_at")).select("order_id", F.to_date("ordered_at").alias("day"))
    lines = inputs["silver.order_items"].select("order_id", "product_id", "quantity", "unit_price", "discount")
    sold = (
        placed.join(lines, "order_id")
        .groupBy("day", "product_id")
        .agg(
            # One product may stand on two lines of an order.
            F.countDistinct("order_id").alias("orders"),
            F.sum("quantity").alias("units"),
            total(F.col("quantity") * F.col("unit_price")).alias("gross"),
            total("discount").alias("discount"),
        )
    )
    returns = inputs["silver.returns"].where(scope.covers("returned_at"))
    came_back = (
        returns.join(features.select("order_id"), "order_id", "left_semi")
        .groupBy(F.to_date("returned_at").alias("day"), "product_id")
        .agg(F.sum("quantity").alias("returned_units"), total("refund").alias("refunds"))
    )
    both = stack([sold, came_back], ("day", "product_id"), _COUNTS, _SUMS)
    catalogue = inputs["silver.products"].select("product_id", "category", F.col("cost").alias("_cost"))
    return (
        both.join(catalogue, "product_id", "left")
        .withColumn("revenue", (F.col("gross") - F.col("discount")).cast(MONEY_SUM))
        .withColumn("cost", (F.col("units") * F.col("_cost")).cast(MONEY_SUM))
        .drop("_cost")
    )


def product_performance(inputs: Mapping[str, DataFrame], scope: Scope) -> DataFrame:
    """How each product does; those that were sold without standing in the catalogue count, too.

    ABC classes go by revenue, the highest first, then by number: A while the products before make less than 80 % of
    all revenue, B while less than 95 %, else C (after H. F. Dickie, ABC Inventory Analysis, 1951).

    Args:
        inputs: silver.products, silver.prices, silver.ratings, gold.product_daily.
        scope: always all.

    Returns:
        The columns of gold.product_performance, money in EUR.
    """
    sales = (
        inputs["gold.product_daily"]
        .groupBy("product_id")
        .agg(
            *[F.sum(name).alias(name) for name in ("orders", "units", "returned_units")],
            total("revenue").alias("revenue"),
            F.sum("cost").alias("_cost"),
            F.min(F.when(F.col("units") > 0, F.col("day"))).alias("first_sold"),
            F.max(F.when(F.col("units") > 0, F.col("day"))).alias("last_sold"),
        )
    )
    stars = (
        inputs["silver.ratings"]
        .groupBy("product_id")
        .agg(F.count("*").alias("ratings"), F.sum("rating").alias("_stars"))
    )
    prices = inputs["silver.prices"].where("is_current").select("product_id", F.col("price").alias("_price"))
    catalogue = inputs["silver.products"].select("product_id", "name", "category", "supplier", "list_price")
    rows = (
        catalogue.join(sales, "product_id", "full").join(stars, "product_id", "left").join(prices, "product_id", "left")
    )
    units, sold = or_zero("units"), F.coalesce("revenue", F.lit(0)).cast(MONEY_SUM)
    done = rows.select(
        "product_id", "name", "category", "supplier",
        F.coalesce("_price", "list_price").alias("price"),
        or_zero("orders").alias("orders"), units.alias("units"), sold.alias("revenue"),
        # A product that was never sold has cost nothing; one without a known cost has no known margin.
        F.when(units == 0, sold).otherwise(sold - F.col("_cost")).cast(MONEY_SUM).alias("margin"),
        or_zero("returned_units").alias("returned_units"),
        F.when(units > 0, or_zero("returned_units").cast("double") / units.cast("double")).alias("return_rate"),
        or_zero("ratings").alias("ratings"),
        (F.col("_stars").cast("double") / F.col("ratings").cast("double")).alias("rating"),
        "first_sold", "last_sold",
    )  # fmt: skip
    return _classed(done)


def _classed(products: DataFrame) -> DataFrame:
    # One partition on purpose, and said so, or PySpark warns: a catalogue is small.
    best_first = Window.partitionBy(F.lit(1)).orderBy(F.col("revenue").desc(), F.col("product_id"))
    before = best_first.rowsBetween(Window.unboundedPreceding, -1)
    # As whole cents: sums of sums of decimals would outgrow the types, and doubles would not be exact.
    cents = products.withColumn("_cents", (F.col("revenue") * 100).cast("long"))
    ranked = cents.select(
        "*",
        F.row_number().over(best_first).alias("revenue_rank"),
        F.coalesce(F.sum("_cents").over(before), F.lit(0)).alias("_before"),
        F.sum("_cents")
        .over(best_first.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing))
        .alias("_all"),
    )
    share = F.col("_before") * 100
    abc = F.when(share < F.col("_all") * 80, "A").when(share < F.col("_all") * 95, "B").otherwise("C")
    return ranked.withColumn("abc_class", abc).drop("_cents", "_before", "_all")
