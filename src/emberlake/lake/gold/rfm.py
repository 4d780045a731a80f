"""Recency, frequency and monetary scores, and the segments that they make.

After A. M. Hughes, Strategic Database Marketing, 1994: fifths of the customers by each measure.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def with_scores(customers: DataFrame, features: DataFrame) -> DataFrame:
    """Scores 1 to 5 and the segment.

    Customers with the same value get the same score, that of the middle of their group: no tie is broken by a number
    that means nothing. Money is compared in whole euros.

    Args:
        customers: orders, last_ordered_at (null without orders) and revenue.
        features: gold.order_features, from which these customers were summed up.

    Returns:
        The same with recency_score, frequency_score, monetary_score (null without orders) and segment.
    """
    revenue = F.col("previous_revenue") + F.col("amount")
    measures = [
        ("recency", F.to_date("last_ordered_at"), F.to_date("ordered_at"), F.to_date("previous_ordered_at")),
        ("frequency", F.col("orders"), F.col("order_number"), F.col("order_number") - 1),
        ("monetary", _euros(F.col("revenue")), _euros(revenue), _euros(F.col("previous_revenue"))),
    ]
    rows = customers
    for name, of_customer, after, before in measures:
        fifths = _fifths(_counted(features, after, before), f"{name}_score")
        keyed = rows.withColumn("_value", F.when(F.col("orders") > 0, of_customer))
        # The short side first: the embedded engine keeps the left side of a join in memory.
        rows = fifths.join(keyed, "_value", "right").drop("_value")
    return rows.withColumn("segment", segment())


def _euros(amount: Column) -> Column:
    return F.floor(amount).cast("long")


def _counted(features: DataFrame, after: Column, before: Column) -> DataFrame:
    """How many customers have each value, without summing up customers again.

    Every order but a customer's last has one that follows it, and what held before that one held after this one: the
    two counts of a value differ by the customers who stopped there.
    """
    reached = features.select(after.alias("_value"), F.lit(1).alias("_one"))
    left = features.where("order_number > 1").select(before.alias("_value"), F.lit(-1).alias("_one"))
    counts = [part.groupBy("_value").agg(F.sum("_one").alias("_n")) for part in (reached, left)]
    both = reduce(lambda a, b: a.unionByName(b), counts).groupBy("_value").agg(F.sum("_n").alias("_same"))
    return both.where("_same > 0")


def _fifths(values: DataFrame, score: str) -> DataFrame:
    """The score of each value: a window over different values, of which there are few, not over customers."""
    ascending = Window.partitionBy(F.lit(1)).orderBy("_value")
    up_to = F.sum("_same").over(ascending.rowsBetween(Window.unboundedPreceding, Window.currentRow))
    everyone = F.sum("_same").over(Window.partitionBy(F.lit(1)))
    placed = values.select("_value", "_same", (up_to - F.col("_same")).alias("_below"), everyone.alias("_all"))
    # The middle of the group as a share of all, in whole numbers: (below + same / 2) / all.
    fifth = F.expr("((2 * _below + _same) * 5) DIV (2 * _all)")
    return placed.select("_value", (fifth + 1).cast("int").alias(score))


def segment() -> Column:
    """The segment of a customer, by the three scores and the number of orders."""
    recency, frequency, money = (F.col(f"{name}_score") for name in ("recency", "frequency", "monetary"))
    return (
        F.when(F.col("orders") == 0, "no orders")
        .when((recency >= 4) & (frequency >= 4) & (money >= 4), "champions")
        .when((recency >= 4) & (F.col("orders") == 1), "new")
        .when((recency >= 3) & (frequency >= 3), "loyal")
        .when(recency >= 3, "promising")
        .when(frequency >= 4, "at risk")
        .when(recency == 2, "asleep")
        .otherwise("lost")
    )
