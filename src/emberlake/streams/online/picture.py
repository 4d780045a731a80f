"""Errors over the events, with what happened to the models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emberlake.reports.chart import COLOURS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_DASHES = ("-", "--", "-.", ":")


def error_figure(
    errors: Mapping[str, NDArray[np.float64]], marks: Sequence[tuple[int, str]], title: str, window: int = 500
) -> Figure:
    """A line of each model's mean error over the last `window` events.

    Args:
        errors: of each model the absolute error of each event, EUR.
        marks: (event, what happened then).
    """
    lines = {
        name: (np.arange(window, len(each) + 1), np.convolve(each, np.ones(window) / window, mode="valid"))
        for name, each in errors.items()
    }
    return line_figure(lines, marks, title, f"mean absolute error of the last {window:,} (EUR)", "orders")


def line_figure(
    lines: Mapping[str, tuple[Sequence[int] | NDArray[np.int64], Sequence[float] | NDArray[np.float64]]],
    marks: Sequence[tuple[int, str]], title: str, y: str, x: str,
) -> Figure:  # fmt: skip
    """A line of each model.

    Args:
        lines: of each model the events, and its error there.
        marks: (event, what happened then).
        title: of the picture.
        y, x: what the axes show.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 5.2), dpi=120, facecolor="white")
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.08)
    axes = figure.add_subplot()
    for number, (name, (events, values)) in enumerate(lines.items()):
        axes.plot(events, values, _DASHES[number % 4], color=COLOURS[number % len(COLOURS)], label=name, linewidth=1.8)
    top = axes.get_ylim()[1]
    axes.set_ylim(0, top * 1.12)
    for number, (event, what) in enumerate(marks):
        axes.axvline(event, color="0.35", linewidth=1, linestyle=(0, (2, 2)))
        axes.text(
            event,
            top * (1.08 - 0.055 * (number % 3)),
            f" {what}",
            fontsize=9,
            color="0.25",
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_title(title, loc="left", fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower left", ncols=max(len(lines), 1))
    return figure
