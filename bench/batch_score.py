"""Many rows scored by the exported model: an Arrow table in, a NumPy array out. Making the rows is not timed.

python -m bench.batch_score FOLDER ROWS
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow as pa

from bench.part import Part
from bench.scored_orders import orders
from emberlake.models.scorer import Scorer

_BLOCK = 1_000_000


def main(folder: Path, rows: int) -> None:
    """Say seconds for the rows, and a figure that shows that they were scored."""
    blocks = [orders(min(_BLOCK, rows - start), seed=start) for start in range(0, rows, _BLOCK)]
    table = pa.concat_tables(blocks).drop_columns(["amount"])
    scorer = Scorer.open(folder / "model.ember")
    scorer.score_batch(table.slice(0, 1000))
    with Part() as part:
        scores = scorer.score_batch(table)
    print(json.dumps({**part.figures, "rows": len(scores), "mean": float(scores.mean()), "bytes": table.nbytes}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
