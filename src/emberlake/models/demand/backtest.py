"""Forecasts as they would have been made in the past: rolling origins, a category a task in the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emberlake.models.demand.methods import CANDIDATES, HORIZON, NAIVE, WEEKDAYS, forecast, scale_of

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame

ORIGINS, FEWEST_ORIGINS = 12, 4
# Eight weeks before the first origin.
FEWEST_PAST = 56
MADE = "category string, origin int, day date, method string, expected double, units double, scale double"


def origins_of(days: int, most: int = ORIGINS) -> int:
    """How many origins a past of so many days has room for."""
    return max(0, min(most, (days - FEWEST_PAST) // HORIZON))


def backtest(series: DataFrame, methods: dict[str, str] | None = None, most: int = ORIGINS) -> DataFrame:
    """Forecasts of the last `most` times 28 days, each from what was known just before its 28 days.

    Args:
        series: what `series.daily` gives.
        methods: the method of each category; None: all of them, and what they have to beat.

    Returns:
        category, origin (0: the latest), day, method, expected and units (pieces), scale (pieces).
    """

    def made(group: pd.DataFrame) -> pd.DataFrame:
        import pandas as pd

        rows = group.sort_values("day")
        days = rows["day"].to_numpy().astype("datetime64[D]")
        units, total = rows["units"].to_numpy(), rows["total"].to_numpy()
        category, parts = rows["category"].iloc[0], []
        asked = [methods.get(category, WEEKDAYS)] if methods else [*CANDIDATES, NAIVE, WEEKDAYS]
        for origin in range(origins_of(len(rows), most)):
            end = len(rows) - (origin + 1) * HORIZON
            ahead = slice(end, end + HORIZON)
            for method in asked:
                parts.append(
                    pd.DataFrame({
                        "category": category, "origin": origin, "day": rows["day"].to_numpy()[ahead],
                        "method": method, "expected": forecast(method, units[:end], total[:end], days[:end]),
                        "units": units[ahead], "scale": scale_of(units[:end]),
                    })
                )  # fmt: skip
        empty = {name.split()[0]: np.array([]) for name in MADE.split(", ")}
        return pd.concat(parts) if parts else pd.DataFrame(empty)

    return series.groupBy("category").applyInPandas(made, MADE)
