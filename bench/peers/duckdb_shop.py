"""A shop made in DuckDB's SQL: orders, lines, payments and clicks from random(), to Parquet.

No keys that hold across tables, no planted effects, no dirt, another shop at each run: what a quick generator does.
The number of rows is near the made shop's at the same scale.

python -m bench.peers.duckdb_shop SCALE FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

_PRICE = "cast(5 + random() * 400 as decimal(12,2))"
_AT = "timestamp '2024-01-01' + to_seconds(cast(random() * 63158400 as bigint))"
# Table: rows at scale 1, and the columns of its row `i`.
_TABLES = {
    "users": (
        10_000,
        "i as user_id, 'user ' || i as name, 'u' || i || '@shop.example' as email, "
        "cast(1940 + random() * 68 as int) as birth_year, ['DE','FR','IT','ES'][1 + i % 4] as country, "
        f"{_AT} as signed_up_at",
    ),
    "orders": (
        50_000,
        f"i as order_id, cast(1 + random() * 9999 * $scale as bigint) as user_id, {_AT} as ordered_at, "
        "['paid','shipped','delivered','cancelled'][1 + i % 4] as status, "
        f"['web','app','store'][1 + i % 3] as channel, {_PRICE} as amount",
    ),
    "order_items": (
        110_000,
        "cast(i // 2 as bigint) as order_id, cast(i % 2 + 1 as int) as line, "
        "cast(1 + random() * 499 as bigint) as product_id, cast(1 + random() * 4 as int) as quantity, "
        f"{_PRICE} as unit_price",
    ),
    "payments": (
        52_000,
        "i as payment_id, i as order_id, ['card','wallet','invoice'][1 + i % 3] as method, "
        f"{_PRICE} as amount, {_AT} as paid_at",
    ),
    "events": (
        20_000,
        "i as event_id, cast(i // 6 as bigint) as session_id, "
        f"['page_view','search','add_to_cart','checkout'][1 + i % 4] as event, {_AT} as occurred_at",
    ),
    "follows": (
        50_000,
        "cast(random() * 10000 * $scale as bigint) as follower_id, "
        f"cast(random() * 10000 * $scale as bigint) as followee_id, {_AT} as followed_at",
    ),
    "others": (
        68_000,
        "i as id, cast(1 + random() * 499 as bigint) as product_id, cast(random() * 40 as int) as quantity, "
        f"{_AT} as at",
    ),
}


def main(scale: float, folder: Path) -> None:
    folder.mkdir(parents=True)
    made = 0
    with duckdb.connect() as con:
        for name, (at_1, columns) in _TABLES.items():
            rows = int(at_1 * scale)
            select = f"select {columns.replace('$scale', f'{scale:g}')} from range(1, {rows + 1}) as t(i)"
            con.execute(f"copy ({select}) to '{folder / name}.parquet' (compression zstd)")
            made += rows
    print(json.dumps({"rows": made}))


if __name__ == "__main__":
    main(float(sys.argv[1]), Path(sys.argv[2]))
