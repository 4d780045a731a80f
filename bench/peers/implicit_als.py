"""Recommendations by `implicit`: its ALS, compiled, on the same interactions, with settings that suit it best.

python -m bench.peers.implicit_als FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.dataset as ds

from bench.lists import quality
from bench.part import Part

# Its best of six on the 28 days before the hold-out: its regularisation does not grow with a customer's history.
RANK, REGULARISATION, ALPHA, ITERATIONS = 16, 3.0, 3.0, 15
TOP = 10


def main(folder: Path) -> None:
    """Train, make the lists, judge them."""
    from implicit.als import AlternatingLeastSquares
    from scipy.sparse import csr_matrix

    with Part() as part:
        begun = time.perf_counter()
        table = ds.dataset(folder / "train").to_table()
        user, item = (table.column(name).to_numpy() for name in ("user_id", "item"))
        users, row = np.unique(user, return_inverse=True)
        items, column = np.unique(item, return_inverse=True)
        known = csr_matrix((table.column("weight").to_numpy().astype("float32"), (row, column)))
        model = AlternatingLeastSquares(
            factors=RANK, regularization=REGULARISATION, alpha=ALPHA, iterations=ITERATIONS, random_state=42
        )
        model.fit(known, show_progress=False)
        trained = time.perf_counter()
        found, _ = model.recommend(
            np.arange(len(users)), known, TOP, filter_already_liked_items=True, filter_items=np.flatnonzero(items < 0)
        )
        done = time.perf_counter()
    ranks = np.tile(np.arange(1, TOP + 1), len(users))
    ndcg = quality(folder, np.repeat(users, TOP), ranks, items[found].ravel())
    figures = {**part.figures, "train_seconds": trained - begun, "lists_seconds": done - trained}
    print(json.dumps({**figures, "ndcg": ndcg, "rows": {"lists": found.size}}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
