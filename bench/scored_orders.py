"""Orders to score, and a pipeline that was fitted on some of them: kept by MLlib, and exported.

python -m bench.scored_orders FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

TRAINED_ON, COMPARED = 50_000, 100_000


def orders(rows: int, seed: int = 1) -> pa.Table:
    """Made orders as a checkout knows them: three columns of levels, five of numbers, and the amount."""
    draw = np.random.default_rng(seed)
    texts = {
        "country": [f"country {n}" for n in range(20)],
        "device": ["phone", "desktop", "tablet"],
        "category": [f"category {n}" for n in range(8)],
    }
    picked = {name: draw.integers(0, len(levels), rows) for name, levels in texts.items()}
    columns = {name: pa.array(levels).take(pa.array(picked[name])) for name, levels in texts.items()}
    basket, lines = draw.gamma(2.0, 30.0, rows), draw.integers(1, 9, rows).astype(np.int32)
    hour, before = draw.integers(0, 24, rows).astype(np.int32), draw.gamma(1.5, 200.0, rows)
    amount = basket * (1 + picked["country"] % 5 / 4) + lines * (picked["device"] + 1) * 4 + before / 50
    return pa.table(
        columns
        | {
            "basket": pa.array(basket, mask=draw.random(rows) < 0.02),
            "lines": lines,
            "hour": hour,
            "spent_before": before,
            "days_since": draw.integers(0, 400, rows).astype(np.int32),
            "amount": amount + draw.normal(0, 5, rows),
        }
    )


def fit(folder: Path) -> None:
    """Fit a random forest of the size of the workshop's twice over: 20 trees, depth 5."""
    from pyspark.ml import Pipeline
    from pyspark.ml.feature import Imputer, StringIndexer, VectorAssembler
    from pyspark.ml.regression import RandomForestRegressor

    from emberlake.engine import open_engine
    from emberlake.models.export import export_pipeline
    from emberlake.settings import read_settings

    levels = ["country", "device", "category"]
    indices = [f"{name}_index" for name in levels]
    with open_engine(read_settings(root=folder / "root"), "spark") as engine:
        every = engine.session.createDataFrame(orders(COMPARED))
        stages = [
            StringIndexer(inputCols=levels, outputCols=indices, handleInvalid="keep"),
            Imputer(inputCols=["basket"], outputCols=["basket_full"]),
            VectorAssembler(
                inputCols=[*indices, "basket_full", "lines", "hour", "spent_before", "days_since"], outputCol="features"
            ),
            RandomForestRegressor(labelCol="amount", numTrees=20, maxDepth=5, seed=42),
        ]
        model = Pipeline(stages=stages).fit(every.limit(TRAINED_ON))
        model.write().overwrite().save(str(folder / "pipeline"))
        exported = export_pipeline(model, every, folder / "model.ember")
    print(json.dumps({"largest_difference": exported.parity.largest, "rows": exported.parity.rows}))


if __name__ == "__main__":
    fit(Path(sys.argv[1]))
