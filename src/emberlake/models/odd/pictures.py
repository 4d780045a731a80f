"""What a training of odd orders keeps as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from emberlake.models.canvas import BLUE, GREEN, GREY, ORANGE, RED, canvas, with_caption

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_COLOURS = {"": GREY, "amount": ORANGE, "velocity": BLUE, "address": GREEN}
_MOST = 12.0


def scores(score: NDArray[Any], kind: NDArray[Any], threshold: float) -> Figure:
    """How many orders have a score of at least so much, ordinary ones and those made odd."""
    figure, axes = canvas("Orders by score")
    for name, colour in _COLOURS.items():
        mine = np.sort(np.minimum(score[kind == name], _MOST))
        if len(mine):
            share = 1 - np.arange(len(mine)) / len(mine)
            axes.step(mine, share, where="pre", color=colour, label=f"made odd by {name}" if name else "as they were")
    expected = np.linspace(0, min(_MOST, threshold + 1), 50)
    axes.plot(expected, np.minimum(1, 10.0**-expected), color=GREY, linestyle=":", label="as promised")
    axes.axvline(threshold, color=RED, linewidth=1)
    axes.set_yscale("log")
    axes.set_xlabel("score: negative decimal logarithm of the chance")
    axes.set_ylabel("share of orders with at least that score")
    axes.legend(fontsize=8.5)
    return with_caption(
        figure,
        "Right of the red line an order is odd. The grey line leaves the dotted one where really odd orders begin.",
    )


def recall(measures: Mapping[str, float], signs: Sequence[str]) -> Figure:
    """Which share of the orders made odd is found, by sign."""
    figure, axes = canvas("Found of those made odd")
    values = [100 * measures[f"recall_{sign}"] for sign in signs]
    bars = axes.barh(signs, values, color=[_COLOURS[sign] for sign in signs])
    axes.bar_label(bars, fmt="%.0f %%", padding=4)
    axes.set_xlim(0, 112)
    axes.set_xlabel("per cent")
    axes.invert_yaxis()
    return figure
