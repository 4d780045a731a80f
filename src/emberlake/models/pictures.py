"""Pictures that every training keeps: what the model looks at, and how its losses are spread."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from emberlake.models.canvas import BLUE, ORANGE, canvas, with_caption

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.figure import Figure

_FEATURES_SHOWN = 20


def draw(figures: Mapping[str, Callable[[], Figure]]) -> dict[str, bytes]:
    """Each figure as a PNG."""
    return {name: _png(make()) for name, make in figures.items()}


def _png(figure: Figure) -> bytes:
    from matplotlib import rc_context

    out = io.BytesIO()
    # A name with a `$` is no formula.
    with rc_context({"text.parse_math": False}):
        figure.savefig(out, format="png")
    return out.getvalue()


def importance(shares: Mapping[str, float]) -> Figure:
    """Features by their share of the model's importance."""
    figure, axes = canvas("What the model looks at")
    ranked = sorted(shares.items(), key=lambda pair: pair[1])[-_FEATURES_SHOWN:]
    axes.barh([name for name, _ in ranked], [100 * share for _, share in ranked], color=BLUE)
    axes.set_xlabel("share of the model's importance (%)")
    return with_caption(figure, "Importance says what the model uses, and not what causes what.")


def losses(table: pa.Table) -> Figure:
    """How the losses of single units are spread."""
    figure, axes = canvas("Losses on rows that the model had not seen")
    values = table["loss"].to_numpy().astype(float)
    most = float(np.quantile(values, 0.99))
    axes.hist(np.minimum(values, most), bins=50, color=BLUE)
    axes.axvline(float(values.mean()), color=ORANGE, linestyle="--", label=f"mean {values.mean():.4g}")
    axes.set_xlabel("loss of a unit; less is better")
    axes.set_ylabel("units")
    axes.legend(frameon=False)
    return with_caption(figure, f"{len(values):,} units; the largest 1 % are drawn at the right end, {most:.4g}.")
