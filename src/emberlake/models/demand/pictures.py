"""What a training of the forecast keeps as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emberlake.models.canvas import BLUE, GREY, ORANGE, canvas, with_caption
from emberlake.models.demand.intervals import bounds

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def past_forecasts(made: pd.DataFrame, document: dict[str, Any]) -> Figure:
    """What was forecast and what was sold in the largest category, over all origins."""
    name = made.groupby("category")["units"].sum().idxmax()
    said = document["categories"][name]
    rows = made[(made["category"] == name) & (made["method"] == said["method"])].sort_values("day")
    ends = {key: value for key, value in said.items() if key != "method"}
    sides = bounds(rows["expected"].to_numpy(), ends)
    figure, axes = canvas(f"{name}: forecasts up to 28 days ahead, and what was sold")
    days = rows["day"].to_numpy().astype("datetime64[D]")
    axes.fill_between(days, sides["low_95"], sides["high_95"], color=BLUE, alpha=0.15, linewidth=0, label="95 %")
    axes.fill_between(days, sides["low_80"], sides["high_80"], color=BLUE, alpha=0.3, linewidth=0, label="80 %")
    axes.plot(days, rows["units"], ".", color=GREY, markersize=4, label="sold")
    axes.plot(days, rows["expected"], color=ORANGE, linewidth=1.3, label="forecast")
    axes.set_ylabel("pieces a day")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper right", ncols=4, fontsize=8.5)
    return with_caption(figure, "Each 28 days are forecast from what was known just before them.")
