"""The days to come, a category a task in the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.sql import functions as F

from emberlake.models.demand.intervals import bounds
from emberlake.models.demand.methods import forecast
from emberlake.tables import find

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame

_SAID = "category string, day date, units double, low_80 double, high_80 double, low_95 double, high_95 double"


def ahead(series: DataFrame, document: dict[str, Any], version: int) -> DataFrame:
    """Expected pieces and intervals for the days after the series' end.

    Args:
        series: what `series.daily` gives.
        document: what `fit` has chosen; a category that it has not seen gets the last weeks' mean by weekday.

    Returns:
        The columns of gold.demand_forecast.
    """

    def said(group: pd.DataFrame) -> pd.DataFrame:
        import pandas as pd

        rows = group.sort_values("day")
        category = rows["category"].iloc[0]
        given = document["categories"].get(category, document["others"])
        days = rows["day"].to_numpy().astype("datetime64[D]")
        horizon = document["horizon"]
        expected = forecast(given["method"], rows["units"].to_numpy(), rows["total"].to_numpy(), days, horizon)
        ends = {name: end for name, end in given.items() if name != "method"}
        to_come = (days[-1] + np.arange(1, horizon + 1)).astype(object)
        return pd.DataFrame({"category": category, "day": to_come, "units": expected, **bounds(expected, ends)})

    rows = series.groupBy("category").applyInPandas(said, _SAID)
    return rows.withColumn("model_version", F.lit(version).cast("int")).select(*find("gold.demand_forecast").names)
