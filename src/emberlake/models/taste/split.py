"""The past that recommenders learn from, and the customers who came back after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.models.ages import age_band
from emberlake.models.taste import history, training
from emberlake.models.taste.evaluation import TOP

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from pyspark.sql import DataFrame

    from emberlake.models.recipe import Fitting

HOLDOUT_DAYS = 28
# The past has to be longer than what is asked of it.
FEWEST_DAYS = 3 * HOLDOUT_DAYS


@dataclass(frozen=True)
class Past:
    """All but the last 28 days.

    Attributes:
        first: the first day.
        cut: the first day of the hold-out.
        until: the day after the last one.
        lines: what was bought before the cut, as `history.lines` gives it.
        rows: the same as `history.interactions`, staged.
    """

    first: date
    cut: date
    until: date
    every: DataFrame
    lines: DataFrame
    rows: DataFrame

    @property
    def windows(self) -> dict[str, tuple[str, str]]:
        """First and last day of each window."""
        day = timedelta(days=1)
        return {
            "train": (self.first.isoformat(), (self.cut - day).isoformat()),
            "holdout": (self.cut.isoformat(), (self.until - day).isoformat()),
        }


def split(fitting: Fitting) -> Past:
    """Set the last 28 days aside.

    Raises:
        ModelError: without order lines, or with too few products or days.
    """
    every = fitting.stage(history.lines(fitting.tables))
    first, until = _days(every)
    cut = until - timedelta(days=HOLDOUT_DAYS)
    before = every.where(F.col("day") < F.lit(cut))
    training.check(before, TOP)
    return Past(first, cut, until, every, before, fitting.stage(history.interactions(before)))


def came_back(fitting: Fitting, past: Past, rows: DataFrame | None = None) -> tuple[DataFrame, DataFrame, int]:
    """Who bought something new in the hold-out: those with a past, those without, and how many the first are.

    Args:
        rows: the interactions that they are known by; None: those of the past.

    Raises:
        ModelError: if nobody with a past did.
    """
    after = past.every.where(F.col("day") >= F.lit(past.cut))
    holdout = fitting.stage(_holdout(fitting.tables, past.rows if rows is None else rows, after, past.cut))
    known, cold = holdout.where(F.size("items") > 0), holdout.where(F.size("items") == 0)
    count = known.count()
    if count == 0:
        raise ModelError(
            f"No customer of before bought something new in the last {HOLDOUT_DAYS} days: nothing can be measured.",
            "Take in more recent orders first.",
        )
    return known, cold, count


def _days(every: DataFrame) -> tuple[date, date]:
    """The first day, and the day after the last one."""
    found = every.agg(F.min("day"), F.max("day")).first()
    if found is None or found[0] is None:
        raise ModelError(
            "No order has a line: it is not known which products were bought.",
            "Take in order lines first: order, product and quantity.",
        )
    first, last = found
    days = (last - first).days + 1
    if days < FEWEST_DAYS:
        raise ModelError(
            f"{days} days of orders are too short a past to hold out the last {HOLDOUT_DAYS} of them.",
            f"Recommendations need {FEWEST_DAYS} days of orders.",
        )
    return first, last + timedelta(days=1)


def _holdout(tables: Mapping[str, DataFrame], rows: DataFrame, after: DataFrame, cut: date) -> DataFrame:
    """Customers who bought something new: user_id, items, weights, looked, wanted, country, age."""
    bought = rows.where("item >= 0").select("user_id", "item")
    wanted = (
        after.select(F.col("user_id").cast("int"), F.col("product_id").cast("int").alias("item"))
        .distinct()
        .join(bought, ["user_id", "item"], "left_anti")
        .groupBy("user_id")
        .agg(F.sort_array(F.collect_list("item")).alias("wanted"))
    )
    age = age_band(F.year(F.lit(cut)), F.col("birth_year")).alias("age")
    people = tables["silver.users"].select(F.col("user_id").cast("int"), "country", age)
    return (
        with_past(wanted, rows).join(history.looked_at(tables, cut), "user_id", "left").join(people, "user_id", "left")
    )


def with_past(users: DataFrame, rows: DataFrame, how: str = "left") -> DataFrame:
    """These customers with items and weights, empty for those without a past."""
    empty = {"items": F.array().cast("array<int>"), "weights": F.array().cast("array<double>")}
    joined = users.join(history.histories(rows), "user_id", how)
    return joined.withColumns({name: F.coalesce(name, none) for name, none in empty.items()})
