"""How far predicted amounts are from what came: measures and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from pyspark.sql import Column, DataFrame

_POINTS = 4000
_GROUPS = 20


def accuracy(scored: DataFrame, label: Column, predictions: dict[str, Column]) -> dict[str, dict[str, float]]:
    """R², RMSE and MAE of each of these predictions, in one pass.

    R² is 1 less the squared error relative to that of the hold-out's own mean: 0 for a constant that is right on
    average, negative for worse.

    Args:
        predictions: by name, columns of `scored`, none null.

    Returns:
        By the prediction's name: r2, rmse and mae, the last two in the label's unit.
    """
    measures = [F.count("*").alias("n"), (F.var_pop(label) * F.count("*")).alias("spread")]
    for number, each in enumerate(predictions.values()):
        measures += [
            F.sum(F.pow(label - each, 2)).alias(f"square{number}"),
            F.sum(F.abs(label - each)).alias(f"off{number}"),
        ]
    row = scored.agg(*measures).first()
    assert row is not None
    n, spread = row["n"], row["spread"]
    return {
        name: {
            "r2": 1 - row[f"square{number}"] / spread if spread else 0.0,
            "rmse": (row[f"square{number}"] / n) ** 0.5,
            "mae": row[f"off{number}"] / n,
        }
        for number, name in enumerate(predictions)
    }


def some(scored: DataFrame, rows: int, seed: int) -> pd.DataFrame:
    """About 4,000 of these rows for a picture; all if there are fewer."""
    fraction = min(1.0, 1.2 * _POINTS / max(rows, 1))
    picked = scored if fraction == 1.0 else scored.sample(fraction, seed)
    return picked.limit(_POINTS).toPandas()


def predicted_figure(points: pd.DataFrame, title: str, unit: str) -> Figure:
    """Actual against predicted values (columns `label`, `prediction`)."""
    from emberlake.models.canvas import RED, canvas, with_caption

    figure, axes = canvas(title)
    high = float(max(points["prediction"].max(), points["label"].quantile(0.995)))
    hexes = axes.hexbin(
        points["prediction"], points["label"], gridsize=45, bins="log", cmap="cividis", mincnt=1,
        extent=(0, high, 0, high),
    )  # fmt: skip
    axes.plot([0, high], [0, high], color=RED, linewidth=1.2, linestyle="--")
    axes.set_xlabel(f"Predicted, {unit}")
    axes.set_ylabel(f"Actual, {unit}")
    figure.colorbar(hexes, ax=axes, label="Rows (log scale)")
    return with_caption(
        figure,
        f"{len(points):,} rows of the hold-out; on the dashed line the prediction is right. The dearest 0.5 % of the"
        " actual values may lie beyond the picture.",
    )


def residual_figure(points: pd.DataFrame, title: str, unit: str) -> Figure:
    """Residuals by predicted value (columns `label`, `prediction`): median and the middle 80 % of each group."""
    from emberlake.models.canvas import BLUE, RED, canvas, with_caption

    figure, axes = canvas(title)
    residual = points["label"] - points["prediction"]
    group = (points["prediction"].rank(method="first", pct=True) * _GROUPS).clip(upper=_GROUPS - 1e-9).astype(int)
    at = points["prediction"].groupby(group).mean()
    low, middle, high = (residual.groupby(group).quantile(q) for q in (0.1, 0.5, 0.9))
    axes.fill_between(at, low, high, color=BLUE, alpha=0.25, linewidth=0, label="middle 80 %")
    axes.plot(at, middle, color=BLUE, marker="o", markersize=3, label="median")
    axes.plot(at, residual.groupby(group).mean(), color=RED, linestyle=":", label="mean")
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xlabel(f"Predicted, {unit}")
    axes.set_ylabel(f"Actual less predicted, {unit}")
    axes.legend(frameon=False)
    return with_caption(
        figure,
        f"{len(points):,} rows of the hold-out in {_GROUPS} groups of equal size. A mean near 0 everywhere says that"
        " the model is right on average at every level; the band says how far off single rows are.",
    )
