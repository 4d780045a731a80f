"""Which method each category gets, how wide its intervals are, and how good both were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emberlake.models.demand.intervals import LEVELS, bounds, quantiles, scores
from emberlake.models.demand.methods import CANDIDATES, FALLBACK, HORIZON

if TYPE_CHECKING:
    import pandas as pd

    from emberlake.models.demand.seasons import Array

# The four latest origins judge, the earlier ones choose: a choice is no measurement of itself.
JUDGING = 4
PEAK_MONTHS = (11, 12)


def document_of(made: pd.DataFrame, categories: list[str]) -> dict[str, Any]:
    """The model: of each category its method and the ends of its intervals.

    Args:
        made: what `backtest` gives.
        categories: all there are; those without a backtest get the fallback and the intervals of all.
    """
    methods = {str(name): _best(rows) for name, rows in made.groupby("category")}
    kept = _chosen(made, methods)
    everyone = quantiles(scores(kept["expected"].to_numpy(), kept["units"].to_numpy()))
    found = {}
    for name in categories:
        mine = kept[kept["category"] == name]
        ends = quantiles(scores(mine["expected"].to_numpy(), mine["units"].to_numpy())) if len(mine) else everyone
        found[name] = {"method": methods.get(name, FALLBACK), **ends}
    return {"kind": "demand", "horizon": HORIZON, "categories": found, "others": {"method": FALLBACK, **everyone}}


def _best(rows: pd.DataFrame) -> str:
    earlier = rows[rows["origin"] >= JUDGING]
    if earlier.empty:
        return CANDIDATES[0]
    error = (earlier["expected"] - earlier["units"]).abs().groupby(earlier["method"]).sum()
    return min(CANDIDATES, key=lambda name: float(error[name]))


def _chosen(made: pd.DataFrame, methods: dict[str, str]) -> pd.DataFrame:
    return made[made["method"] == made["category"].map(methods)]


def measures(made: pd.DataFrame) -> dict[str, float]:
    """WAPE and MASE of the forecasts of one method at the judging origins."""
    rows = made[made["origin"] < JUDGING]
    error = (rows["expected"] - rows["units"]).abs()
    return {
        "wape": float(error.sum() / max(rows["units"].sum(), 1)),
        "mase": float((error / rows["scale"]).mean()),
    }


def judged(made: pd.DataFrame, document: dict[str, Any]) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """The measures of the chosen methods, and of each method by its name."""
    methods = {name: said["method"] for name, said in document["categories"].items()}
    each = {str(name): measures(rows) for name, rows in made.groupby("method") if name not in CANDIDATES}
    chosen = _chosen(made, methods)
    return {**measures(chosen), **coverage(chosen)}, each


def coverage(chosen: pd.DataFrame) -> dict[str, float]:
    """The share of days within each interval, over the year and for November and December.

    Each origin's intervals come from the errors of the other origins: no day helps to make its own.
    """
    peak = np.isin(np.asarray(chosen["day"], dtype="datetime64[M]").astype(int) % 12 + 1, PEAK_MONTHS)
    found = {}
    for level, inside in within(chosen).items():
        found[f"coverage_{level}"] = float(inside.mean())
        if peak.any():
            found[f"coverage_{level}_in_november_december"] = float(inside[peak].mean())
    return found


def within(chosen: pd.DataFrame) -> dict[int, Array]:
    """For each level, whether each row is inside the interval that the other origins of its category give."""
    expected, units = chosen["expected"].to_numpy(), chosen["units"].to_numpy()
    far = scores(expected, units)
    inside = {level: np.zeros(len(chosen), dtype=bool) for level in LEVELS}
    category, origin = chosen["category"].to_numpy(), chosen["origin"].to_numpy()
    for name in np.unique(category):
        for number in np.unique(origin[category == name]):
            here = (category == name) & (origin == number)
            ends = bounds(expected[here], quantiles(far[(category == name) & (origin != number)]))
            for level in LEVELS:
                inside[level][here] = (units[here] >= ends[f"low_{level}"]) & (units[here] <= ends[f"high_{level}"])
    return inside
