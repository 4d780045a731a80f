"""The five figures that a shop asks for first, from the reports' answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

# A report's rows, one dict a row.
Rows = list[dict[str, Any]]


def _total(rows: Rows, column: str) -> float:
    return float(sum(row[column] or 0 for row in rows))


def _ratio(rows: Rows, above: str, below: str) -> float | None:
    return _total(rows, above) / _total(rows, below) if _total(rows, below) else None


# Title, unit, the report, and the figure from its rows; one line a figure, None where the data does not say.
_FIGURES: tuple[tuple[str, str, str, Callable[[Rows], float | int | None]], ...] = (
    ("revenue", "EUR", "revenue_by_month", lambda rows: round(_total(rows, "revenue"), 2)),
    ("orders", "", "revenue_by_month", lambda rows: int(_total(rows, "orders"))),
    ("average order", "EUR", "revenue_by_month", lambda rows: _ratio(rows, "revenue", "orders")),
    ("customers who came back", "share", "repeat_rate", lambda rows: _ratio(rows, "came_back", "customers")),
    ("visits that bought", "share", "funnel", lambda rows: rows[-1]["share_of_visits"] if rows else None),
)


def headlines(answers: Mapping[str, Rows]) -> list[dict[str, Any]]:
    """The figures that the answers allow: title, unit (`share` is a fraction of one) and value."""
    found = [(title, unit, figure(answers[report])) for title, unit, report, figure in _FIGURES if report in answers]
    return [{"title": title, "unit": unit, "value": value} for title, unit, value in found if value is not None]
