"""What a training of recommendations keeps as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from emberlake.models.canvas import BLUE, GREY, canvas, with_caption

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def recommenders(measured: Mapping[str, Mapping[str, float]]) -> Figure:
    """NDCG@10 of the model beside the simple answers."""
    figure, axes = canvas("How good the lists are (NDCG@10)")
    names = sorted(measured, key=lambda name: measured[name]["ndcg_at_10"])
    values = [measured[name]["ndcg_at_10"] for name in names]
    colours = [BLUE if name == "this model" else GREY for name in names]
    axes.barh(names, values, color=colours)
    for place, (name, value) in enumerate(zip(names, values, strict=True)):
        shown = f"{value:.3f}, {100 * measured[name]['coverage']:.0f} % of products shown to somebody"
        axes.annotate(shown, (0, place), (6, 0), textcoords="offset points", va="center", color="white", fontsize=9)
    axes.set_xlabel("NDCG@10 of customers who bought something new in the hold-out")
    return with_caption(
        figure, "1: the ten shown are all that the customer bought next, in the first places; 0: none is."
    )
