"""What is drawn, before it is known by what: series, cells and labels, taken from an answer."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from emberlake.reports.answer import Answer

# Okabe and Ito's palette, told apart by the colour-blind too (https://jfly.uni-koeln.de/color/); yellow, weak on
# white, comes last.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#4D4D4D", "#F0E442")
# One hue from dark to light, made for all kinds of colour vision.
SCALE = "cividis"
TABLE_ROWS = 25
NONE = "–"
# More cells than this leave no room for numbers in them.
CELLS_WITH_NUMBERS = 400


@dataclass(frozen=True)
class Axis:
    """A column as an axis; `unit` as in the report's columns, `share` is shown as a percentage."""

    label: str
    unit: str


@dataclass(frozen=True)
class Series:
    """One line, or one colour of bars."""

    name: str
    x: list[Any]
    y: list[float | None]
    colour: str


@dataclass(frozen=True)
class Grid:
    """A heat map: `cells[row][column]`, None where there is no value.

    Attributes:
        highest: where the colours end.
    """

    x: list[str]
    y: list[str]
    cells: list[list[float | None]]
    value: Axis
    highest: float


@dataclass(frozen=True)
class Chart:
    """Everything that a renderer draws.

    Attributes:
        kind: line, bar, heatmap or table.
        caption: the parameters and the time that the answer was limited to; empty for none.
        categories: the bars' labels in order, for bars only.
        first_on_top: whether the first label stands at the top of a standing list.
    """

    kind: str
    title: str
    subtitle: str
    caption: str
    x: Axis
    y: Axis
    series: tuple[Series, ...] = ()
    categories: tuple[str, ...] = ()
    grid: Grid | None = None
    header: tuple[str, ...] = ()
    body: tuple[tuple[str, ...], ...] = ()
    horizontal: bool = False
    stacked: bool = False
    first_on_top: bool = True

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not (self.series or self.body or (self.grid and self.grid.cells))


def chart(answer: Answer) -> Chart:
    """The answer as its report's front matter wants it drawn."""
    report, plot = answer.report, answer.report.plot
    rows = answer.rows.to_pylist()
    units = {_words(report.columns[y].unit) for y in plot.y}
    frame: dict[str, Any] = {
        "kind": plot.kind, "title": report.title, "subtitle": report.question, "caption": _caption(answer),
        "horizontal": plot.horizontal, "stacked": plot.stacked,
        "x": _axis(answer, plot.x), "y": _axis(answer, plot.y[0]) if plot.y else Axis("", ""),
    }  # fmt: skip
    if len(plot.y) > 1:
        frame["y"] = Axis(" / ".join(sorted(units - {""})), frame["y"].unit)
    if not rows:
        return Chart(**frame)
    if plot.kind == "table":
        return Chart(**frame, **_table(answer, rows))
    if plot.kind == "heatmap":
        return Chart(**frame, grid=_grid(answer, rows), first_on_top=not isinstance(rows[0][plot.y[0]], int))
    if plot.kind == "bar":
        labels = _labels(answer, rows)
        return Chart(**frame, series=_series(answer, rows, labels), categories=tuple(dict.fromkeys(labels)))
    return Chart(**frame, series=_series(answer, rows, [_number(row[plot.x]) for row in rows]))


def _axis(answer: Answer, column: str) -> Axis:
    if not column:
        return Axis("", "")
    unit = answer.report.columns[column].unit
    # "days out (days)" says it twice.
    shown = f" ({unit})" if unit and unit not in ("share", "UTC") and unit not in column.split("_") else ""
    return Axis(_words(column) + shown, unit)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _caption(answer: Answer) -> str:
    said = [f"{_words(name)}: {value}" for name, value in answer.parameters.items() if value is not None]
    return " · ".join([*said, f"as of {answer.as_of}"] if answer.as_of else said)


def _series(answer: Answer, rows: list[dict[str, Any]], xs: list[Any]) -> tuple[Series, ...]:
    plot = answer.report.plot
    if not plot.colour:
        named = [(_words(y), [(x, row[y]) for x, row in zip(xs, rows, strict=True)]) for y in plot.y]
    else:
        groups: dict[str, list[tuple[Any, Any]]] = {name: [] for name in plot.order}
        for x, row in zip(xs, rows, strict=True):
            groups.setdefault(text(row[plot.colour], ""), []).append((x, row[plot.y[0]]))
        named = list(groups.items())
    return tuple(
        Series(name, [x for x, _ in points], [_number(y) for _, y in points], COLOURS[i % len(COLOURS)])
        for i, (name, points) in enumerate(named)
        if points
    )


def _labels(answer: Answer, rows: list[dict[str, Any]]) -> list[str]:
    """The bars' labels; rows that share one would hide each other, so the second says its colour or its number."""
    plot = answer.report.plot
    seen: Counter[tuple[str, str]] = Counter()
    labels = []
    for row in rows:
        label = label_of(row[plot.x])
        colour = text(row[plot.colour], "") if plot.colour else ""
        if plot.horizontal and colour and seen[label, ""]:
            label = f"{label} ({colour})"
        place = (label, "" if plot.horizontal else colour)
        seen[place] += 1
        labels.append(label if seen[place] == 1 else f"{label} ({seen[place]})")
    return labels


def _grid(answer: Answer, rows: list[dict[str, Any]]) -> Grid:
    plot = answer.report.plot
    across = sorted({row[plot.x] for row in rows}, key=lambda x: (isinstance(x, str), x))
    down = list(dict.fromkeys(row[plot.y[0]] for row in rows))
    found = {(row[plot.y[0]], row[plot.x]): _number(row[plot.value]) for row in rows}
    cells = [[found.get((y, x)) for x in across] for y in down]
    value = _axis(answer, plot.value)
    values = [v for v in found.values() if v is not None]
    # All of a cohort is there in its first month: a whole column of 100 % would leave one colour for all others.
    partial = [v for v in values if v < 1] if value.unit == "share" else []
    highest = max(partial or values, default=1.0)
    return Grid([label_of(x) for x in across], [label_of(y) for y in down], cells, value, highest)


def _table(answer: Answer, rows: list[dict[str, Any]]) -> dict[str, Any]:
    columns = answer.report.columns
    body = tuple(tuple(text(row[name], columns[name].unit) for name in columns) for row in rows[:TABLE_ROWS])
    return {"header": tuple(_axis(answer, name).label for name in columns), "body": body}


def label_of(value: Any) -> str:
    """A value as a label; the first day of a month is its month."""
    if isinstance(value, dt.date) and value.day == 1:
        return f"{value:%Y-%m}"
    return text(value, "")


def text(value: Any, unit: str) -> str:
    """A value in words, as its unit is read."""
    if value is None:
        return NONE
    if isinstance(value, (float, Decimal)):
        return f"{value:.1%}" if unit == "share" else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and unit == "pieces" else str(value)


def short(value: float, unit: str) -> str:
    """A number that has little room: 12 %, 3.4k, 1.2M."""
    if unit == "share":
        return f"{value:.0%}" if abs(value) >= 0.1 or value == 0 else f"{value:.1%}"
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
