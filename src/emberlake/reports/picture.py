"""Answers as PNG pictures, by matplotlib: no browser needed (docs/decisions/0050-pictures-without-a-browser.md)."""

from __future__ import annotations

import io
from textwrap import shorten, wrap
from typing import TYPE_CHECKING, Any

from emberlake.reports.answer import Answer
from emberlake.reports.chart import CELLS_WITH_NUMBERS, COLOURS, SCALE, Axis, Chart, chart, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis as Ruler
    from matplotlib.figure import Figure

_DASHES = ("-", "--", ":", "-.")
_DOTS_PER_INCH = 120
_LABEL = 34


def to_png(answer: Answer) -> bytes:
    """The chart as a PNG of about 1,200 pixels' width."""
    # Figures of their own, not pyplot's: no global state, so that threads may draw side by side. Imported here,
    # because matplotlib takes half a second and most answers are never drawn.
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    drawn = chart(answer)
    # A name with a `$` is no formula.
    with rc_context({"text.parse_math": False, "axes.unicode_minus": False}):
        figure = Figure(figsize=(10, _height(drawn)), dpi=_DOTS_PER_INCH, facecolor="white")
        figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.06)
        axes = figure.add_subplot()
        draw = {"line": _lines, "bar": _bars, "heatmap": _heatmap, "table": _table}[drawn.kind]
        if drawn.empty:
            axes.set_axis_off()
            axes.text(0.5, 0.5, "Nothing to show: no rows for these parameters.", ha="center", va="center", fontsize=13)
        else:
            draw(figure, axes, drawn)
        _titles(figure, drawn)
        out = io.BytesIO()
        figure.savefig(out, format="png")
    return out.getvalue()


def _height(drawn: Chart) -> float:
    if drawn.kind == "table":
        return 1.7 + 0.225 * (len(drawn.body) + 1)
    if drawn.kind == "heatmap" and drawn.grid:
        return max(4.5, 1.8 + 0.27 * len(drawn.grid.y))
    return max(5.2, 1.6 + 0.26 * len(drawn.categories)) if drawn.horizontal else 5.2


def _titles(figure: Figure, drawn: Chart) -> None:
    lines = wrap(drawn.subtitle, 110) + wrap(drawn.caption, 120)
    # Constrained layout makes room for a suptitle only; its blank lines hold the place of the smaller lines.
    figure.suptitle("\n".join([drawn.title, *[" "] * len(lines)]), x=0.015, ha="left", fontsize=14, fontweight="bold")
    height = figure.get_size_inches()[1]
    for number, line in enumerate(lines):
        figure.text(
            0.015, 1 - (0.42 + 0.225 * number) / height, line, ha="left", va="top", fontsize=9.5, color="#444444"
        )


def _lines(figure: Figure, axes: Axes, drawn: Chart) -> None:
    for place, one in enumerate(drawn.series):
        y = [float("nan") if v is None else v for v in one.y]
        dash = _DASHES[place // len(COLOURS) % len(_DASHES)]
        axes.plot(one.x, y, color=one.colour, linewidth=1.8, linestyle=dash, label=one.name)  # type: ignore[arg-type]
    axes.set_xlabel(drawn.x.label)
    axes.set_ylabel(drawn.y.label)
    _numbers(axes.yaxis, drawn.y)
    if drawn.x.unit == "share":
        _numbers(axes.xaxis, drawn.x)
    elif drawn.x.unit == "UTC":
        _days(axes.xaxis)
    axes.grid(color="#e6e6e6")
    _finish(figure, axes, drawn)


def _bars(figure: Figure, axes: Axes, drawn: Chart) -> None:
    places = {label: i for i, label in enumerate(drawn.categories)}
    width = 0.8 if drawn.stacked else 0.8 / len(drawn.series)
    ends: dict[tuple[int, bool], float] = {}
    for number, one in enumerate(drawn.series):
        shift = 0 if drawn.stacked else (number - (len(drawn.series) - 1) / 2) * width
        at = [places[x] + shift for x in one.x]
        sizes = [0.0 if v is None else float(v) for v in one.y]
        starts = [0.0] * len(sizes)
        if drawn.stacked:
            for i, (x, size) in enumerate(zip(one.x, sizes, strict=True)):
                side = (places[x], size < 0)
                starts[i] = ends.get(side, 0.0)
                ends[side] = starts[i] + size
        edge: dict[str, Any] = {"color": one.colour, "label": one.name, "edgecolor": "white", "linewidth": 0.4}
        if drawn.horizontal:
            axes.barh(at, sizes, height=width, left=starts, **edge)
        else:
            axes.bar(at, sizes, width=width, bottom=starts, **edge)
    labels, values = (axes.yaxis, axes.xaxis) if drawn.horizontal else (axes.xaxis, axes.yaxis)
    _categories(labels, list(drawn.categories), most=60 if drawn.horizontal else 26)
    if drawn.horizontal:
        axes.set_ylim(len(places) - 0.4, -0.6)
    else:
        axes.set_xlim(-0.6, len(places) - 0.4)
    labels.set_label_text(drawn.x.label)
    values.set_label_text(drawn.y.label)
    _numbers(values, drawn.y)
    values.grid(color="#e6e6e6")
    axes.set_axisbelow(True)
    _finish(figure, axes, drawn)


def _heatmap(figure: Figure, axes: Axes, drawn: Chart) -> None:
    grid = drawn.grid
    assert grid is not None
    cells = [[float("nan") if v is None else float(v) for v in row] for row in grid.cells]
    image = axes.imshow(cells, cmap=SCALE, aspect="auto", origin="upper" if drawn.first_on_top else "lower")
    low, high = image.get_clim()[0], grid.highest
    image.set_clim(low, high)
    axes.set_facecolor("#f2f2f2")
    _categories(axes.xaxis, grid.x, most=30)
    _categories(axes.yaxis, grid.y, most=40)
    axes.set_xlabel(drawn.x.label)
    axes.set_ylabel(drawn.y.label)
    bar = figure.colorbar(image, ax=axes, label=grid.value.label)
    _numbers(bar.ax.yaxis, grid.value)
    if len(grid.x) * len(grid.y) <= CELLS_WITH_NUMBERS:
        for i, row in enumerate(grid.cells):
            for j, value in enumerate(row):
                if value is not None:
                    # The scale's lower half is dark.
                    ink = "white" if value < (low + high) / 2 else "black"
                    size = 8 if len(grid.x) <= 14 else 6
                    axes.text(j, i, short(value, grid.value.unit), ha="center", va="center", fontsize=size, color=ink)


def _table(figure: Figure, axes: Axes, drawn: Chart) -> None:
    axes.set_axis_off()
    header = [name.replace(" (", "\n(") for name in drawn.header]
    table = axes.table(
        cellText=[list(row) for row in drawn.body], colLabels=header, loc="upper center", cellLoc="right"
    )
    table.auto_set_font_size(False)
    table.set_fontsize(8.5)
    table.scale(1, 1.25)
    for (row, _), cell in table.get_celld().items():
        cell.set_edgecolor("#d0d0d0")
        if row == 0:
            cell.set_facecolor("#e8eef3")
            cell.set_height(cell.get_height() * 1.6)


def _categories(ruler: Ruler, labels: list[str], most: int) -> None:
    """Labels at their places; every second, third … one where there is no room for all."""
    step = -(-len(labels) // most)
    ruler.set_ticks(
        range(0, len(labels), step), [shorten(label, _LABEL, placeholder="…") or label for label in labels[::step]]
    )
    ruler.set_tick_params(length=0, labelsize=8.5)
    crowded = sum(len(label) for label in labels[::step]) > 90
    if crowded and ruler is ruler.axes.xaxis:
        ruler.set_tick_params(rotation=45)


def _days(ruler: Ruler) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    places = AutoDateLocator(minticks=4, maxticks=9)
    ruler.set_major_locator(places)
    ruler.set_major_formatter(ConciseDateFormatter(places))


def _numbers(ruler: Ruler, axis: Axis) -> None:
    if axis.unit == "share":
        ruler.set_major_formatter(lambda value, _: f"{value:.0%}" if abs(value * 100 % 1) < 1e-6 else f"{value:.1%}")
    elif axis.unit in ("EUR", "USD", "pieces"):
        ruler.set_major_formatter(lambda value, _: short(value, axis.unit))


def _finish(figure: Figure, axes: Axes, drawn: Chart) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    if len(drawn.series) > 1:
        # Beside the axes, where it hides nothing.
        figure.legend(loc="outside right upper", fontsize=8.5, frameon=False)
