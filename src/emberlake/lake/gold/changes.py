"""What new loads change: customers, orders, and the days that marts have to be built anew for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

from deltalake.exceptions import DeltaError
from pyspark.sql import functions as F

from emberlake.tables import GOLD

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from emberlake.lake.lake import Lake

Loads = Mapping[str, list[str]]

# Which features of an order each kind of mart is made of; a change of another one does not touch it.
_SALES = ("user_id", "ordered_at", "channel", "country", "amount", "discount", "shipping")
_BASKETS = ("ordered_at", "lines")
_COHORTS = ("ordered_at", "first_ordered_at", "previous_ordered_at", "amount")


def new_rows(lake: Lake, source: str, loads: Loads) -> DataFrame:
    """The rows of a silver table that these loads brought."""
    return lake.read(f"silver.{source}").where(F.col("_load_id").isin(loads.get(source, [])))


def touched_users(lake: Lake, loads: Loads) -> DataFrame:
    """Customers, one row each, of whose orders or order lines something is new.

    Who lost an order to another customer is among them: the features still say whose it was.
    """
    orders, features = lake.read("silver.orders"), lake.read("gold.order_features")
    fresh = new_rows(lake, "orders", loads)
    of_lines = new_rows(lake, "order_items", loads).select("order_id").distinct()
    found = [
        fresh.select("user_id"),
        features.join(fresh.select("order_id"), "order_id", "left_semi").select("user_id"),
        orders.join(of_lines, "order_id", "left_semi").select("user_id"),
    ]
    # Sail 0.7.2 fails to unite columns whose comments differ, as those of two tables' user_id do; a sum has no comment.
    bare = [part.select((F.col("user_id") + F.lit(0)).alias("user_id")) for part in found]
    return reduce(lambda a, b: a.unionByName(b), bare).distinct()


def changed_orders(old: DataFrame, new: DataFrame) -> DataFrame:
    """Orders whose features are not what they were.

    Args:
        old: gold.order_features of the touched customers as it is.
        new: the same as it has to be.

    Returns:
        The columns of gold.order_features as they have to be (null for an order that has to go), `_id` (its number),
        `_known` (whether it was there), `_was_at` (when it was placed, as it was), and `_sales`, `_baskets` and
        `_cohorts`: whether marts of that kind change.
    """
    names = GOLD["order_features"].names
    was = old.select(*[F.col(name).alias(f"_was_{name}") for name in names])
    both = was.join(new, F.col("_was_order_id") == F.col("order_id"), "full")
    first = ~(F.col("order_number") == 1).eqNullSafe(F.col("_was_order_number") == 1)
    comes_or_goes = F.col("order_id").isNull() | F.col("_was_order_id").isNull()
    return both.where(_differs(names)).select(
        *names,
        F.coalesce("order_id", "_was_order_id").alias("_id"),
        F.col("_was_order_id").isNotNull().alias("_known"),
        F.col("_was_ordered_at").alias("_was_at"),
        (comes_or_goes | first | _differs(_SALES)).alias("_sales"),
        (comes_or_goes | _differs(_BASKETS)).alias("_baskets"),
        (comes_or_goes | _differs(_COHORTS)).alias("_cohorts"),
    )


def _differs(names: tuple[str, ...] | list[str]) -> Column:
    return reduce(lambda a, b: a | b, [~F.col(name).eqNullSafe(F.col(f"_was_{name}")) for name in names])


@dataclass
class Days:
    """Days that marts have to be built anew for; None: all of them."""

    sales: set[dt.date] = field(default_factory=set)
    baskets: set[dt.date] = field(default_factory=set)
    cohorts: set[dt.date] = field(default_factory=set)
    returns: set[dt.date] | None = field(default_factory=set)
    visits: set[dt.date] | None = field(default_factory=set)


def days_of_orders(changed: DataFrame) -> Days:
    """Days on which changed orders were or are, by kind of mart."""
    kinds = ("sales", "baskets", "cohorts")
    flags = [f"_{kind}" for kind in kinds]
    ends = [changed.select(F.to_date(at).alias("day"), *flags) for at in ("ordered_at", "_was_at")]
    by_day = ends[0].unionByName(ends[1]).where("day IS NOT NULL").groupBy("day")
    rows = by_day.agg(*[F.max(F.col(flag).cast("int")).alias(flag) for flag in flags]).collect()
    return Days(**{kind: {row["day"] for row in rows if row[f"_{kind}"]} for kind in kinds})


def days_of_lines(lake: Lake, loads: Loads) -> set[dt.date]:
    """Days of the orders whose lines are new or changed."""
    orders = new_rows(lake, "order_items", loads).select("order_id").distinct()
    return days_of(lake.read("gold.order_features").join(orders, "order_id", "left_semi"), "ordered_at")


def days_of_returns(lake: Lake, loads: Loads, changed: DataFrame | None) -> set[dt.date] | None:
    """Days of new returns, and of returns of orders that came, went or are filed elsewhere now."""
    if not only_added(lake, "returns", loads):
        return None
    days = days_of(new_rows(lake, "returns", loads), "returned_at")
    if changed is not None:
        moved = changed.where("_sales").select(F.col("_id").alias("order_id"))
        days |= days_of(lake.read("silver.returns").join(moved, "order_id", "left_semi"), "returned_at")
    return days


def days_of_visits(lake: Lake, loads: Loads) -> set[dt.date] | None:
    """Days of all events of the visits with a new event: one that comes late can move the day a visit began."""
    if not only_added(lake, "events", loads):
        return None
    visits = new_rows(lake, "events", loads).select("session_id").distinct()
    return days_of(lake.read("silver.events").join(visits, "session_id", "left_semi"), "occurred_at")


def only_added(lake: Lake, source: str, loads: Loads) -> bool:
    """Whether these loads only added rows to a silver table: what a replaced row said is not known any more."""
    if source not in loads:
        return True
    name = f"silver.{source}"
    before = _rows_at_last_build(lake, name)
    return before is not None and lake.rows(name) - before == new_rows(lake, source, loads).count()


def _rows_at_last_build(lake: Lake, name: str) -> int | None:
    """Rows of a table when gold was built last; None when its log does not go back so far."""
    last = lake.ledger.last_build("gold")
    version = last.versions.get(name, -1) if last else -1
    if version < 0:
        return 0
    try:
        table = lake.delta(name)
        table.load_as_version(version)
        return sum(table.get_add_actions()["num_records"].to_pylist())
    except DeltaError:
        return None


def days_of(rows: DataFrame, at: str) -> set[dt.date]:
    """The different days of a column of times."""
    found = rows.select(F.to_date(at).alias("day")).where("day IS NOT NULL").distinct().collect()
    return {row["day"] for row in found}
