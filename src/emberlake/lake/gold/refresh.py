"""Bring the marts up to new loads by building only what these change.

The result equals a full build row for row. A kill needs no mending here: the first table that a refresh writes is no
longer at the version which the last build recorded, and so the next build is a full one.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.lake.gold import changes
from emberlake.lake.gold.full import build_all, inputs, overwrite
from emberlake.lake.gold.mart import MARTS, Mart
from emberlake.lake.gold.scope import Scope
from emberlake.lake.gold.staging import Keep, staging
from emberlake.progress import Progress, silent
from emberlake.tables import GOLD

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.lake.lake import Lake

# Above these shares building all of it is cheaper than looking for what changed.
MOST_USERS, MOST_DAYS = 0.3, 0.3


def refresh(lake: Lake, loads: changes.Loads, deletes: bool, progress: Progress = silent) -> str:
    """Bring every mart up to the new loads.

    Args:
        lake: a lake whose gold was whole before these loads.
        loads: ids of the loads that silver took since, by source.
        deletes: whether any of them took rows back.
        progress: told which mart is at work.

    Returns:
        "refreshed", or "full" where all was built anew: after deletes, or when too much has changed.
    """
    if deletes:
        build_all(lake, progress)
        return "full"
    with staging(lake) as keep:
        changed = None
        if "orders" in loads or "order_items" in loads:
            progress("Looking for changed orders", 0.0)
            users = keep("users", changes.touched_users(lake, loads))
            if users.count() > MOST_USERS * lake.rows("gold.customer_360"):
                build_all(lake, progress)
                return "full"
            changed = _changed(lake, users, keep)
        _Refresh(lake, loads, changed).run(progress)
    progress("Gold is refreshed", 1.0)
    return "refreshed"


def _changed(lake: Lake, users: DataFrame, keep: Keep) -> DataFrame:
    mart = MARTS[0]
    old = lake.read(mart.full_name).join(users, "user_id", "left_semi")
    return keep("orders", changes.changed_orders(old, mart.build(inputs(lake, mart), Scope(users=users))))


class _Refresh:
    """One refresh: which days of which marts, and what was written so far."""

    def __init__(self, lake: Lake, loads: changes.Loads, changed: DataFrame | None) -> None:
        self._lake, self._loads = lake, loads
        self._moved = {f"silver.{source}" for source in loads}
        self._days = changes.Days()
        if changed is not None:
            self._days = changes.days_of_orders(changed)
            self._write_orders(changed)
        self._days.returns = changes.days_of_returns(lake, loads, changed)
        if "order_items" in loads:
            self._days.baskets |= changes.days_of_lines(lake, loads)
        if "events" in loads:
            self._days.visits = changes.days_of_visits(lake, loads)

    def _write_orders(self, changed: DataFrame) -> None:
        name, names = "gold.order_features", GOLD["order_features"].names
        rows = changed.where("order_id IS NOT NULL").select(*names)
        kinds = changed.agg(F.count("*").alias("all"), F.count_if("_known").alias("known")).collect()[0]
        if not kinds["all"]:
            return
        if not kinds["known"]:
            self._lake.append(name, rows)
        else:
            # Months are folders, so that the others stay as they are. A merge takes three times as long as writing the
            # whole table anew (docs/decisions/0041-months-are-written-anew.md).
            months = Scope.of_months(changes.days_of(changed, "ordered_at") | changes.days_of(changed, "_was_at"))
            there = self._lake.read(name).where(months.predicate("month"))
            stay = there.join(changed.select(F.col("_id").alias("order_id")), "order_id", "left_anti")
            self._lake.replace_where(name, stay.select(*names).unionByName(rows), months.predicate("month"))
        self._moved.add(name)

    def run(self, progress: Progress) -> None:
        """Build what has changed, mart by mart."""
        for number, mart in enumerate(MARTS[1:], 1):
            progress(f"Refreshing {mart.name}", number / len(MARTS))
            if self._build(mart):
                self._moved.add(mart.full_name)

    def _build(self, mart: Mart) -> bool:
        if not self._moved.intersection(mart.table.reads):
            return False
        days = self._days_of(mart)
        if days is None or self._many(days):
            overwrite(self._lake, mart)
            return True
        if not days:
            return False
        scope = Scope.of_months(days) if mart.grain == "month" else Scope.of_days(days)
        rows = mart.build(inputs(self._lake, mart), scope)
        self._lake.replace_where(mart.full_name, rows, scope.predicate(mart.grain))
        return True

    def _days_of(self, mart: Mart) -> set[dt.date] | None:
        """Days of a mart to build anew; None: all."""
        days = self._days
        if mart.name == "product_daily" and "products" in self._loads:
            return None  # category and cost of every day are the product's of today
        if mart.name in ("daily_sales", "product_daily"):
            own = days.sales if mart.name == "daily_sales" else days.baskets
            return None if days.returns is None else own | days.returns
        return {
            "hourly_sales": days.sales,
            "cohorts": days.cohorts,
            "funnel_daily": days.visits,
            "basket_products": days.baskets,
            "basket_pairs": days.baskets,
        }.get(mart.name)

    def _many(self, days: set[dt.date]) -> bool:
        # A day has at most 24 rows there, so that this is at most the number of days in the data.
        return len(days) > max(2, MOST_DAYS * self._lake.rows("gold.hourly_sales") / 24)
