"""An empty figure with a title and a caption, for the pictures that a training keeps."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette, made for all kinds of colour vision.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#4D4D4D"
_WIDE = 110


def canvas(title: str) -> tuple[Figure, Axes]:
    """A figure of its own, without pyplot's global state."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), dpi=110, facecolor="white")
    figure.set_layout_engine("constrained", rect=(0, 0.09, 1, 0.91))
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e6e6e6")
    axes.set_axisbelow(True)
    return figure, axes


def with_caption(figure: Figure, text: str) -> Figure:
    """The figure with a sentence or two under it."""
    figure.text(0.02, 0.015, fill(text, _WIDE), fontsize=8.5, color=GREY, va="bottom")
    return figure
