"""What a fitted pipeline of trees looks at, by the name of the raw column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_BARS = 15


def importance(model: Any) -> dict[str, float]:
    """Each raw column's share of a tree pipeline's importance, the largest first.

    Importance is the share of the variance or impurity that splits on the column take away, averaged over the trees
    (Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning", 2nd ed., section 15.3.2).

    Args:
        model: a PipelineModel of string indexers, imputers, one vector assembler and a model of trees.
    """
    origin: dict[str, str] = {}
    inputs: list[str] = []
    for stage in model.stages:
        if stage.hasParam("inputCols") and stage.hasParam("outputCols") and stage.isSet("inputCols"):
            origin |= dict(zip(stage.getOutputCols(), stage.getInputCols(), strict=True))
        elif stage.hasParam("inputCol") and stage.isSet("inputCol"):
            origin[stage.getOutputCol()] = stage.getInputCol()
        elif stage.hasParam("inputCols"):
            inputs = stage.getInputCols()
    shares: dict[str, float] = {}
    for name, share in zip(inputs, model.stages[-1].featureImportances.toArray(), strict=True):
        raw = origin.get(name, name)
        shares[raw] = shares.get(raw, 0.0) + float(share)
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def importance_figure(shares: dict[str, float], title: str) -> Figure:
    """Bars of the most important columns."""
    from emberlake.models.canvas import BLUE, canvas, with_caption

    figure, axes = canvas(title)
    top = list(shares.items())[:_MOST_BARS][::-1]
    axes.barh([name for name, _ in top], [share for _, share in top], color=BLUE)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel("Share of the importance")
    left = len(shares) - len(top)
    more = f" {left} more columns share the rest." if left else ""
    return with_caption(figure, f"How much of the error the trees' splits on each column take away.{more}")
