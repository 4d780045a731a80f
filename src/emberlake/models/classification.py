"""How well probabilities rank and how true they are, from counts by score: no row leaves the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from pyspark.sql import Column, DataFrame

    Counts = NDArray[Any]

# Two probabilities nearer than this are a tie.
STEPS = 10_000
_GROUPS = 10


def counted(scored: DataFrame, score: Column, label: Column) -> Counts:
    """Rows by score, the highest first: columns score (mean of the group), positives, rows.

    Args:
        score: higher means more likely; groups are `1 / STEPS` wide.
        label: 1 or 0.
    """
    groups = scored.groupBy(F.floor(score * STEPS).alias("g")).agg(
        F.avg(score).alias("score"), F.sum(label).alias("positives"), F.count("*").alias("rows")
    )
    table = groups.select("score", "positives", "rows").toPandas().to_numpy(dtype=float)
    return table[np.argsort(-table[:, 0])]


def ranking(counts: Counts) -> dict[str, float]:
    """roc_auc and pr_auc of scores.

    The area under the receiver's curve is the chance that a positive outranks a negative, ties counting half; the other
    one is the average precision (Davis, Goadrich, "The Relationship Between Precision-Recall and ROC Curves", 2006).
    """
    positives, rows = counts[:, 1], counts[:, 2]
    hits, seen = positives.cumsum(), rows.cumsum()
    negatives = rows - positives
    below = negatives.sum() - negatives.cumsum()
    pairs = positives.sum() * negatives.sum()
    return {
        "pr_auc": float((positives * hits / seen).sum() / hits[-1]),
        "roc_auc": float((positives * (below + negatives / 2)).sum() / pairs),
    }


def brier(scored: DataFrame, probability: Column, label: Column) -> float:
    """Mean squared difference of probability and outcome (Brier, 1950): less is better."""
    row = scored.agg(F.avg(F.pow(probability - label, 2))).first()
    assert row is not None
    return float(row[0])


def by_group(counts: Counts, groups: int = _GROUPS) -> Counts:
    """The same rows in groups of equal size, the highest scores first: mean score, positives, rows."""
    rows = counts[:, 2]
    middle = rows.cumsum() - rows / 2
    group = np.minimum((middle / rows.sum() * groups).astype(int), groups - 1)
    total, positives, size = (
        np.bincount(group, weights=each, minlength=groups) for each in (counts[:, 0] * rows, counts[:, 1], rows)
    )
    some = size > 0
    return np.stack([total[some] / size[some], positives[some], size[some]], axis=1)


def calibration_error(counts: Counts) -> float:
    """Expected calibration error: |probability - what came| averaged over ten groups of equal size."""
    groups = by_group(counts)
    off = np.abs(groups[:, 0] - groups[:, 1] / groups[:, 2])
    return float(np.average(off, weights=groups[:, 2]))


def calibration_figure(counts: Counts, title: str, what: str) -> Figure:
    """Share that came against the probability that was said, by group of equal size."""
    from emberlake.models.canvas import BLUE, RED, canvas, with_caption

    figure, axes = canvas(title)
    groups = by_group(counts)
    share = groups[:, 1] / groups[:, 2]
    error = 1.96 * np.sqrt(share * (1 - share) / groups[:, 2])
    axes.plot([0, 1], [0, 1], color=RED, linestyle="--", linewidth=1.2)
    axes.errorbar(groups[:, 0], share, yerr=error, color=BLUE, marker="o", capsize=3)
    axes.set_xlabel("Probability that the model gave")
    axes.set_ylabel(f"Share of customers who {what}")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:.0%}")
    return with_caption(
        figure,
        f"{int(counts[:, 2].sum()):,} customers of the hold-out in {len(groups)} groups of equal size, with 95 %"
        " intervals. On the dashed line the probabilities are true; below it they are too high.",
    )


def lift_figure(counts: Counts, title: str, what: str) -> Figure:
    """How much oftener than on average it came, by tenth of the score."""
    from emberlake.models.canvas import BLUE, RED, canvas, with_caption

    figure, axes = canvas(title)
    groups = by_group(counts)
    share = groups[:, 1] / groups[:, 2]
    average = groups[:, 1].sum() / groups[:, 2].sum()
    axes.bar(range(1, len(groups) + 1), share / average, color=BLUE)
    axes.axhline(1, color=RED, linestyle="--", linewidth=1.2)
    axes.set_xticks(range(1, len(groups) + 1))
    axes.set_xlabel("Tenth of the customers, the likeliest first")
    axes.set_ylabel(f"{what.capitalize()}, relative to the average")
    return with_caption(
        figure,
        f"{int(counts[:, 2].sum()):,} customers of the hold-out, of whom {100 * average:.0f} % {what}: the dashed line."
        f" In the first tenth it is {100 * share[0]:.0f} %, in the last {100 * share[-1]:.0f} %.",
    )
