"""Which part of a mart is asked: all of it, or certain customers, days or months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


@dataclass(frozen=True)
class Scope:
    """A part of a mart; with nothing said, all of it.

    Attributes:
        users: one column `user_id`, each once: only these customers (marts of grain order).
        days: only these days, in order (marts of grain day).
        months: only these months, by their first days, in order (marts of grain month).
    """

    users: DataFrame | None = None
    days: tuple[dt.date, ...] | None = None
    months: tuple[dt.date, ...] | None = None

    @classmethod
    def of_days(cls, days: Iterable[dt.date]) -> Scope:
        """These days."""
        return cls(days=tuple(sorted(set(days))))

    @classmethod
    def of_months(cls, days: Iterable[dt.date]) -> Scope:
        """The months that these days are in."""
        return cls(months=tuple(sorted({day.replace(day=1) for day in days})))

    @property
    def spans(self) -> list[tuple[dt.date, dt.date]] | None:
        """Runs of days as (first, the day after the last); None: all days."""
        if self.months is not None:
            return _joined((month, _after_month(month)) for month in self.months)
        if self.days is not None:
            return _joined((day, day + dt.timedelta(days=1)) for day in self.days)
        return None

    def covers(self, column: str) -> Column:
        """Whether a timestamp or date lies in the scope; what has none lies in no day, and in no scope."""
        if self.spans is None:
            return F.col(column).isNotNull()
        # Ranges and no list of days: they can be held against the statistics of files and row groups.
        parts = [(F.col(column) >= F.lit(first)) & (F.col(column) < F.lit(after)) for first, after in self.spans]
        return reduce(lambda a, b: a | b, parts, F.lit(False))

    def predicate(self, column: str) -> str:
        """The scope over a date column as SQL, for `Lake.replace_where`."""
        parts = [f"({column} >= date'{first}' AND {column} < date'{after}')" for first, after in self.spans or []]
        return " OR ".join(parts)


def _joined(spans: Iterable[tuple[dt.date, dt.date]]) -> list[tuple[dt.date, dt.date]]:
    runs: list[tuple[dt.date, dt.date]] = []
    for first, after in spans:
        if runs and runs[-1][1] == first:
            runs[-1] = (runs[-1][0], after)
        else:
            runs.append((first, after))
    return runs


def _after_month(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=32)).replace(day=1)
