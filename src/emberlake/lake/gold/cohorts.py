"""Customers by the month of their first order, and who comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.lake.gold.totals import total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import Column, DataFrame

    from emberlake.lake.gold.scope import Scope


def cohorts(inputs: Mapping[str, DataFrame], scope: Scope) -> DataFrame:
    """Customers, orders and revenue by cohort and month.

    Args:
        inputs: gold.order_features.
        scope: all, or certain calendar months.

    Returns:
        The columns of gold.cohorts, money in EUR.
    """
    month, cohort = _month("ordered_at"), _month("first_ordered_at")
    # The first order of a customer in a month is the one whose order before lies in another: no distinct count.
    comes = F.col("previous_ordered_at").isNull() | (_month("previous_ordered_at") < month)
    orders = inputs["gold.order_features"].where(scope.covers("ordered_at"))
    grouped = orders.groupBy(month.alias("month"), cohort.alias("cohort_month")).agg(
        F.count_if(comes).alias("customers"), F.count("*").alias("orders"), total("amount").alias("revenue")
    )
    years = F.year("month") - F.year("cohort_month")
    return grouped.withColumn("months_since", (years * 12 + F.month("month") - F.month("cohort_month")).cast("int"))


def _month(column: str) -> Column:
    return F.trunc(F.to_date(column), "month")
