"""Our recommendations: MLlib's ALS and ten products for every customer; the engine's start is not counted.

python -m bench.als_lists FOLDER
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.dataset as ds
from pyspark.sql import functions as F

from bench.lists import quality
from bench.part import Part
from emberlake.engine import open_engine
from emberlake.models.taste import history, training
from emberlake.models.taste.factors import Factors
from emberlake.models.taste.lists import lists
from emberlake.settings import read_settings


def main(folder: Path) -> None:
    """Train, write the lists, judge them."""
    work = Path(tempfile.mkdtemp(prefix="als-", dir=folder))
    with open_engine(read_settings(root=work), "spark") as engine:
        rows = engine.session.read.parquet(str(folder / "train"))
        rows.agg(F.count("*")).collect()  # a start is over when the first query was answered
        with Part() as part:
            begun = time.perf_counter()
            items, vectors = training.factorise(rows, 42)
            trained = time.perf_counter()
            past = history.histories(rows).withColumn("looked", F.lit(None).cast("string"))
            lists(past, Factors(_document(items, vectors)), 1).write.parquet(str(work / "lists"))
            done = time.perf_counter()
    found = ds.dataset(work / "lists").to_table(columns=["user_id", "rank", "product_id"])
    shutil.rmtree(work)
    figures = {**part.figures, "train_seconds": trained - begun, "lists_seconds": done - trained}
    users, ranks, products = (found.column(name).to_numpy() for name in ("user_id", "rank", "product_id"))
    print(json.dumps({**figures, "ndcg": quality(folder, users, ranks, products), "rows": {"lists": len(users)}}))


def _document(items: np.ndarray, vectors: np.ndarray) -> dict[str, object]:
    products = items[items >= 0]
    return {
        "alpha": training.ALPHA, "regularisation": training.REGULARISATION, "items": items, "factors": vectors,
        "products": products, "popularity": np.zeros(len(products)), "categories": [None] * len(products),
    }  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
