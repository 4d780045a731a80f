"""The recipe `segments` on Spark, timed from the staged customers on: the search for k, and the fit of the chosen one.

python -m bench.kmeans ROOT
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from emberlake.engine import open_engine
from emberlake.lake import Lake
from emberlake.models.recipe import Fitting
from emberlake.models.segments import SEGMENTS
from emberlake.settings import read_settings


def main(root: Path) -> None:
    """Fit twice, because the first Spark job of a process pays for all others; the second one is told."""
    settings = read_settings(root=root)
    with open_engine(settings, "spark") as engine, Lake(engine.session, settings) as lake:
        tables = {name: lake.read(name) for name in SEGMENTS.reads}
        for _ in range(2):
            begun = time.perf_counter()
            fitted = SEGMENTS.fit(Fitting(engine.session, tables, lake.stage))
            whole = time.perf_counter() - begun
    told = {name: fitted.metrics[name] for name in ("fit_seconds", "search_seconds", "silhouette")}
    customers = fitted.train_rows + fitted.holdout_rows
    print(json.dumps({**told, "whole_seconds": whole, "customers": customers, "k": fitted.params["k"]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
