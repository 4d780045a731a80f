"""The files of one file number: Parquet for every table, and what the sloppier systems export as text.

A file is written under a temporary name and renamed: under its own name it is always whole. It is not flushed to the
disk first: what a killed process wrote is there, and after a power cut the shop is made again from its seed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from emberlake.synth import texts
from emberlake.synth.block import make_block
from emberlake.synth.catalogue import catalogue
from emberlake.synth.catalogue_rows import price_rows, product_rows
from emberlake.synth.columns import CATALOGUE_TABLES, TABLES, Rows, columns_of, join, to_arrow
from emberlake.synth.plan import Shop

ROW_GROUP = 1 << 20
# Numbers that rise or lie close together pack four to ten times tighter as differences, and faster than Snappy
# (docs/decisions/0011-parquet-of-the-shop.md).
_DELTA = "DELTA_BINARY_PACKED"
_PACKED = ("long", "int", "timestamp", "decimal(12,2)")


@dataclass(frozen=True)
class Written:
    """A file that was written: its path under the landing folder, its table, rows and bytes."""

    file_no: int
    table: str
    path: str
    rows: int
    bytes: int

    def as_dict(self) -> dict[str, int | str]:
        """The same as plain values, as a cluster's task would return it."""
        return asdict(self)


def write_blocks(dest: Path | str, seed: int, scale: float, file_no: int) -> list[Written]:
    """Write all files of one file number under `dest`, the landing folder; the same bytes wherever it runs.

    Needs nothing but its arguments, so that a cluster's task can call it with `dest` on shared storage.

    Args:
        dest: folder that gets `<table>/part-<file_no>.parquet`, `orders/legacy….csv`, `events/app….jsonl` and
            `truth/users/part-<file_no>.parquet`; file number 0 writes the catalogue too.
        file_no: one of `shop_files(scale)`.

    Returns:
        One entry a file.
    """
    shop, root = Shop(seed, scale), Path(dest)
    blocks = [make_block(shop, block) for block in shop.blocks_in(file_no)]
    part = f"part-{file_no:05d}.parquet"
    # The first file has the name that a shop with one file would give it.
    number = f"-{file_no:05d}" if file_no else ""
    written = []

    def put(table: str, path: str, rows: int, write: Callable[[Path], object]) -> None:
        target = root / path
        replace_with(target, write)
        written.append(Written(file_no, table, path, rows, target.stat().st_size))

    def put_parquet(table: str, path: str, rows: Rows) -> None:
        arrow = to_arrow(table, rows)
        put(table, path, arrow.num_rows, lambda temporary: write_parquet(temporary, table, arrow))

    for table in TABLES:
        put_parquet(table, f"{table}/{part}", join([block.tables.pop(table) for block in blocks]))
    legacy = join([block.legacy for block in blocks])
    put("orders", f"orders/legacy{number}.csv", len(legacy["fault"]), lambda to: texts.write_orders(to, legacy))
    app = join([block.app for block in blocks])
    put("events", f"events/app{number}.jsonl", len(app["fault"]), lambda to: texts.write_events(to, app))
    put_parquet("truth", f"truth/users/{part}", join([block.truth for block in blocks]))
    if file_no == 0:
        stock = catalogue(seed)
        for table, rows in zip(CATALOGUE_TABLES, (product_rows(stock), price_rows(stock)), strict=True):
            put_parquet(table, f"{table}/{part}", rows)
    return written


def write_parquet(path: Path, table: str, rows: pa.Table) -> None:
    """Write a table's rows with the encodings that its columns' types want."""
    types = dict(columns_of(table))
    words = [field.name for field in rows.schema if pa.types.is_dictionary(field.type)]
    pq.write_table(
        rows,
        path,
        row_group_size=ROW_GROUP,
        compression="snappy",
        use_dictionary=words,
        column_encoding={name: _DELTA for name, type in types.items() if type in _PACKED},
        # As Spark writes them; twice as fast and half the size of sixteen bytes a decimal.
        store_decimal_as_integer=True,
        # The words' dictionaries are the writer's affair: readers shall see plain strings.
        store_schema=False,
    )


def replace_with(target: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `target` and rename it to `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
