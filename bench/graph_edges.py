"""Edges of a made-up network, as Parquet, by numpy alone: a million in a tenth of a second, the same for every run.

Users are in groups of 500, as in the shop. Seven of ten edges stay inside the group, which makes triangles; the others
go to users whose popularity falls off steeply: the first of a million has some 200,000 of 20 million edges. Edges may
repeat; none leads from a user to itself.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

# Scale 1 of the shop has 10,000 users; here each follows 20.
USERS, EACH = 10_000, 20
GROUP = 500
_BLOCK = 1_000_000


def users_at(scale: float) -> int:
    return max(round(USERS * scale), 2 * GROUP)


def write_edges(folder: Path, users: int) -> None:
    """Write src, dst: `EACH` edges a user, in files of a million."""
    making = folder.with_name(folder.name + ".making")
    making.mkdir(parents=True, exist_ok=True)
    edges = users * EACH
    for block, first in enumerate(range(0, edges, _BLOCK)):
        draws = np.random.Generator(np.random.Philox(key=block))
        size = min(_BLOCK, edges - first)
        src = draws.integers(0, users, size)
        base = src - src % GROUP
        inside = base + draws.integers(0, np.minimum(GROUP, users - base))
        popular = (users * draws.random(size) ** 4).astype(np.int64)
        dst = np.where(draws.random(size) < 0.7, inside, popular)
        pq.write_table(pa.table({"src": src, "dst": np.where(dst == src, (dst + 1) % users, dst)}),
                       making / f"{block:05d}.parquet")  # fmt: skip
    making.rename(folder)
