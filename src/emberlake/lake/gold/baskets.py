"""What is bought together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame

    from emberlake.lake.gold.scope import Scope


def basket_products(inputs: Mapping[str, DataFrame], scope: Scope) -> DataFrame:
    """In how many baskets a product was, a month.

    Args:
        inputs: gold.product_daily, gold.order_features.
        scope: all, or certain months.

    Returns:
        The columns of gold.basket_products.
    """
    # An order lies on one day, so that its days' counts of orders add up.
    sold = inputs["gold.product_daily"].where("orders > 0").where(scope.covers("day"))
    by_product = sold.groupBy(F.trunc("day", "month").alias("month"), "product_id").agg(
        F.sum("orders").alias("baskets")
    )
    orders = inputs["gold.order_features"].where(scope.covers("ordered_at")).where("lines > 0")
    month = F.trunc(F.to_date("ordered_at"), "month").alias("month")
    return by_product.join(orders.groupBy(month).agg(F.count("*").alias("baskets_total")), "month")


def basket_pairs(inputs: Mapping[str, DataFrame], scope: Scope) -> DataFrame:
    """In how many baskets two products were together, a month.

    Args:
        inputs: silver.order_items, gold.order_features.
        scope: all, or certain months.

    Returns:
        The columns of gold.basket_pairs.
    """
    orders = inputs["gold.order_features"].where(scope.covers("ordered_at")).where("lines > 1")
    month = F.trunc(F.to_date("ordered_at"), "month").alias("month")
    lines = inputs["silver.order_items"].select("order_id", "product_id")
    placed = orders.select("order_id", month).join(lines, "order_id").distinct()
    left = placed.select("month", "order_id", F.col("product_id").alias("product_a"))
    right = placed.select("order_id", F.col("product_id").alias("product_b"))
    pairs = left.join(right, "order_id").where("product_a < product_b")
    return pairs.groupBy("month", "product_a", "product_b").agg(F.count("*").alias("baskets"))
