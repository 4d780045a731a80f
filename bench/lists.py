"""How good lists are, whoever made them: one judge for both recommenders, in DuckDB."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

_SQL = """
with wanted as (from read_parquet($files)),
gained as (
    select wanted.user_id, sum(1 / log2(rank + 1)) as gain
    from lists join wanted on lists.user_id = wanted.user_id and lists.product_id = wanted.item
    group by all
),
ideal as (
    select user_id, list_sum([1 / log2(i + 1) for i in range(1, least(count(*), 10) + 1)]) as gain
    from wanted group by all
)
select avg(coalesce(gained.gain, 0) / ideal.gain) from ideal left join gained using (user_id)
"""


def quality(folder: Path, users: np.ndarray, ranks: np.ndarray, products: np.ndarray) -> float:
    """Mean NDCG@10 over all customers who bought something new; no list counts as nothing found."""
    with duckdb.connect() as con:
        con.register("lists", pa.table({"user_id": users, "rank": ranks, "product_id": products}))
        [[found]] = con.execute(_SQL, {"files": str(folder / "wanted" / "*.parquet")}).fetchall()
    return float(found)
