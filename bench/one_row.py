"""One row scored at a time, by the exported model or by the pipeline's `transform`.

python -m bench.one_row FOLDER exported|transform
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.part import Part
from bench.scored_orders import orders
from emberlake.models.scorer import Scorer

# Rows before the clock counts, and rows that are counted.
EXPORTED, TRANSFORMED = (200, 20_000), (5, 30)


def main(folder: Path, way: str) -> None:
    """Say the median and the 99th percentile of a row, in seconds."""
    print(json.dumps(exported(folder) if way == "exported" else transformed(folder)))


def exported(folder: Path) -> dict[str, Any]:
    scorer = Scorer.open(folder / "model.ember")
    return timed(lambda row: scorer.score(row), *EXPORTED)


def transformed(folder: Path) -> dict[str, Any]:
    """The usual way with MLlib: a frame of one row, `transform`, and the prediction collected."""
    from pyspark.ml import PipelineModel

    from emberlake.engine import open_engine
    from emberlake.settings import read_settings

    with open_engine(read_settings(root=folder / "root"), "spark") as engine:
        model, session = PipelineModel.load(str(folder / "pipeline")), engine.session
        schema = session.createDataFrame(orders(1)).schema
        columns = schema.names

        def score(row: dict[str, Any]) -> float:
            frame = session.createDataFrame([tuple(row[name] for name in columns)], schema)
            return model.transform(frame).select("prediction").first()[0]

        return timed(score, *TRANSFORMED)


def timed(score: Callable[[dict[str, Any]], Any], before: int, counted: int) -> dict[str, Any]:
    """Seconds a row; the same rows come first whoever is asked."""
    rows = orders(EXPORTED[0] + EXPORTED[1]).slice(0, before + counted).to_pylist()
    for row in rows[:before]:
        score(row)
    seconds = []
    with Part() as part:
        for row in rows[before:]:
            begun = time.perf_counter()
            score(row)
            seconds.append(time.perf_counter() - begun)
    seconds.sort()
    return {
        "cpu": part.figures["cpu"],
        "seconds": part.figures["seconds"],
        "median": median(seconds),
        "p99": seconds[int(len(seconds) * 0.99)],
        "scores": [score(row) for row in rows[:10]],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
