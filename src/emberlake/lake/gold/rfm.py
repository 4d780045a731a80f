"""Recency, frequency and monetary scores, and the segments that they make.

After A. M. Hughes, Strategic Database Marketing, 1994: fifths of the customers by each measure.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_ABOVE_ONE = (2, 3, 4, 5)


class _Measure(NamedTuple):
    """A value of a customer, and over orders: the value after an order and the one before it."""

    name: str
    of_customer: Column
    after: Column
    before: Column


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
        _Measure("recency", F.to_date("last_ordered_at"), F.to_date("ordered_at"), F.to_date("previous_ordered_at")),
        _Measure("frequency", F.col("orders"), F.col("order_number"), F.col("order_number") - 1),
        _Measure("monetary", _euros(F.col("revenue")), _euros(revenue), _euros(F.col("previous_revenue"))),
    ]
    cuts = reduce(lambda a, b: a.crossJoin(b), [_cuts(_counted(features, m.after, m.before), m.name) for m in measures])
    # One row beside each customer, and not a join by value: rows of customers are wide, and would be moved thrice.
    scored = cuts.crossJoin(customers)
    scores = [_score(measure).alias(f"{measure.name}_score") for measure in measures]
    return scored.select(*customers.columns, *scores).withColumn("segment", segment())


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


def _cuts(values: DataFrame, name: str) -> DataFrame:
    """One row: the lowest value of each score from 2 to 5, as `_<name>_2` and so on; null where nobody has it.

    A window over different values, of which there are few, and not over customers.
    """
    ascending = Window.partitionBy(F.lit(1)).orderBy("_value")
    up_to = F.sum("_same").over(ascending.rowsBetween(Window.unboundedPreceding, Window.currentRow))
    everyone = F.sum("_same").over(Window.partitionBy(F.lit(1)))
    placed = values.select("_value", "_same", (up_to - F.col("_same")).alias("_below"), everyone.alias("_all"))
    # The middle of the group as a share of all, in whole numbers: (below + same / 2) / all.
    scored = placed.withColumn("_score", F.expr("((2 * _below + _same) * 5) DIV (2 * _all) + 1"))
    lowest = [F.min(F.when(F.col("_score") >= k, F.col("_value"))).alias(f"_{name}_{k}") for k in _ABOVE_ONE]
    return scored.agg(*lowest)


def _score(measure: _Measure) -> Column:
    reached = [F.col(f"_{measure.name}_{k}") <= measure.of_customer for k in _ABOVE_ONE]
    score = reduce(lambda a, b: a + b, [F.when(each, 1).otherwise(0) for each in reached], F.lit(1))
    return F.when(F.col("orders") > 0, score).cast("int")


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
