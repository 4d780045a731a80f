"""What a training of segments keeps as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from emberlake.models.canvas import BLUE, GREEN, GREY, ORANGE, RED, canvas, with_caption
from emberlake.models.segments.naming import feature_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_COLOURS = (BLUE, ORANGE, GREEN, RED, "#CC79A7", "#56B4E9")
_MARKS = "os^Dvp"
_MOST_POINTS = 2_000


def segments(points: NDArray[Any], labels: NDArray[Any], features: Sequence[str], names: Sequence[str]) -> Figure:
    """Customers on the two axes along which they differ most (principal components)."""
    axes_of = _principal(points)
    shown = points[:: max(1, len(points) // _MOST_POINTS)]
    of, flat = labels[:: max(1, len(points) // _MOST_POINTS)], shown @ axes_of.T
    figure, axes = canvas("Customers by segment")
    for number, name in enumerate(names):
        mine = flat[of == number]
        colour, mark = _COLOURS[number % 6], _MARKS[number % 6]
        axes.scatter(
            mine[:, 0], mine[:, 1], s=9, alpha=0.45, linewidths=0, label=fill(name, 48), color=colour, marker=mark
        )
    axes.set_xlabel(_axis_title(axes_of[0], features))
    axes.set_ylabel(_axis_title(axes_of[1], features) if len(axes_of) > 1 else "")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", fontsize=8.5, markerscale=2.5)
    return with_caption(figure, "A point is a customer; an axis is a mixture of habits in which they differ most.")


def _principal(points: NDArray[Any]) -> NDArray[Any]:
    _, _, directions = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    two: NDArray[Any] = directions[:2]
    # A direction has no sign of its own: let the strongest habit grow to the right and upwards.
    strongest = np.abs(two).argmax(axis=1)
    return two * np.sign(two[np.arange(len(two)), strongest])[:, None]


def _axis_title(direction: NDArray[Any], features: Sequence[str]) -> str:
    strongest = np.argsort(-np.abs(direction))[:3]
    return ", ".join(f"{'+' if direction[i] > 0 else '−'} {feature_title(features[i])}" for i in strongest)


def centres(middle: NDArray[Any], features: Sequence[str], names: Sequence[str], sizes: NDArray[Any]) -> Figure:
    """How far each segment's centre is from the mean of all customers, feature by feature."""
    figure, axes = canvas("What the segments do differently")
    height = 0.8 / len(middle)
    place = np.arange(len(features))
    for number, centre in enumerate(middle):
        label = fill(f"{names[number]} ({100 * sizes[number] / sizes.sum():.0f} % of customers)", 60)
        at = place + (number - (len(middle) - 1) / 2) * height
        axes.barh(at, centre, height * 0.9, color=_COLOURS[number % 6], label=label)
    axes.set_yticks(place, [feature_title(name) for name in features])
    axes.invert_yaxis()
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.set_xlabel("standard deviations from the mean of all customers")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", fontsize=8.5)
    return figure


def silhouette_by_k(by_k: Mapping[int, float], chosen: int) -> Figure:
    """The silhouette of each number of segments that was tried."""
    figure, axes = canvas("Silhouette by number of segments")
    axes.plot(list(by_k), list(by_k.values()), color=BLUE, marker="o")
    axes.plot([chosen], [by_k[chosen]], color=RED, marker="o", markersize=11, linestyle="none")
    axes.annotate(f"chosen: {chosen}", (chosen, by_k[chosen]), (8, 6), textcoords="offset points", color=RED)
    axes.set_xticks(list(by_k))
    axes.set_xlabel("segments")
    axes.set_ylabel("mean silhouette")
    return with_caption(figure, "1: every customer is far closer to their own segment than to the next; 0: in between.")
