"""Who is active at the end of the data, and what a model says of each of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.models.churn.features import customers_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import Column, DataFrame

    from emberlake.lake import Lake
    from emberlake.progress import Progress

READS = ("gold.order_features", "silver.users", "gold.graph_history")


def span(orders: DataFrame) -> tuple[dt.datetime | None, dt.datetime | None]:
    """The first order's moment, and the midnight after the last one, UTC."""
    # Seconds, because a collected timestamp is in the machine's time zone.
    seconds = F.col("ordered_at").cast("double")
    row = orders.agg(F.min(seconds), F.max(seconds)).first()
    if row is None or row[0] is None:
        return None, None
    first, last = (dt.datetime.fromtimestamp(each, dt.UTC) for each in row)
    return first, last.replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)


def probability() -> Column:
    """The probability of staying away, from a scored row."""
    from pyspark.ml.functions import vector_to_array

    return vector_to_array(F.col("probability"))[1]


def scores(customers: DataFrame, model: Any, as_of: dt.date, version: int) -> DataFrame:
    """The rows of gold.churn_scores.

    Args:
        customers: as `customers_at` gives them at the midnight after `as_of`.
    """
    from pyspark.sql import Window

    said = model.transform(customers).select("user_id", probability().alias("probability"))
    return said.select(
        "user_id",
        F.lit(as_of).alias("as_of"),
        "probability",
        F.ntile(10).over(Window.orderBy(F.desc("probability"), "user_id")).alias("decile"),
        F.lit(version).cast("int").alias("model_version"),
    )


def inputs(model: Any, tables: Mapping[str, DataFrame]) -> DataFrame:
    """Every customer who is active at the end of the data, with the last day of it.

    Raises:
        ModelError: if there is no order.
    """
    end = end_of(tables["gold.order_features"])
    customers = customers_at(tables, [end]).drop("moment", "orders_ahead")
    return customers.withColumn("day", F.lit(_last_day(end)))


def end_of(orders: DataFrame) -> dt.datetime:
    """The midnight after the last order, UTC.

    Raises:
        ModelError: if there is no order.
    """
    _, end = span(orders)
    if end is None:
        raise ModelError("There is no order, so nobody can be scored.", "Build the lake first: emberlake build.")
    return end


def _last_day(end: dt.datetime) -> dt.date:
    return end.date() - dt.timedelta(days=1)


def write(lake: Lake, model: Any, version: int, progress: Progress) -> dict[str, int]:
    """Score every customer who is active at the end of the data."""
    progress("Who will stay away", 0.0)
    tables = {name: lake.read(name) for name in READS}
    end = end_of(tables["gold.order_features"])
    lake.overwrite("gold.churn_scores", scores(customers_at(tables, [end]), model, _last_day(end), version))
    return {"gold.churn_scores": lake.rows("gold.churn_scores")}
