"""The files of one file number: Parquet for every table, and what the sloppier systems export as text.

A file is written under a temporary name and renamed: under its own name it is always whole. It is not flushed to the
disk first: what a killed process wrote is there, and after a power cut the shop is made again from its seed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from emberlake.synth import texts
from emberlake.synth.block import make_block
from emberlake.synth.catalogue import catalogue
from emberlake.synth.catalogue_rows import price_rows, product_rows
from emberlake.synth.columns import CATALOGUE_TABLES, TABLES, Rows, columns_of, join, schema, to_arrow, vocabulary
from emberlake.synth.plan import Shop

# Blocks that become one row group: 125,000 orders. Four times as many cost a third more time, in page faults alone
# (docs/decisions/0011-parquet-of-the-shop.md).
BLOCKS_A_GROUP = 10
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
            `truth/users/` and `truth/odd_orders/part-<file_no>.parquet`; file number 0 writes the catalogue too.
        file_no: one of `shop_files(scale)`.

    Returns:
        One entry a file.
    """
    shop, part = Shop(seed, scale), f"part-{file_no:05d}.parquet"
    # The first file has the name that a shop with one file would give it.
    number = f"-{file_no:05d}" if file_no else ""
    numbers = shop.blocks_in(file_no)
    legacy: list[Rows] = []
    app: list[Rows] = []
    with ExitStack() as files:

        def file_of(table: str, path: str) -> _ParquetFile:
            return files.enter_context(_ParquetFile(Path(dest), file_no, table, path))

        tables = {table: file_of(table, f"{table}/{part}") for table in TABLES}
        tables["truth"] = file_of("truth", f"truth/users/{part}")
        tables["odd_orders"] = file_of("odd_orders", f"truth/odd_orders/{part}")
        for first in range(0, len(numbers), BLOCKS_A_GROUP):
            blocks = [make_block(shop, block) for block in numbers[first : first + BLOCKS_A_GROUP]]
            for table, file in tables.items():
                file.add(join([block.rows(table) for block in blocks]))
            legacy += [block.legacy for block in blocks]
            app += [block.app for block in blocks]
        if file_no == 0:
            stock = catalogue(seed)
            for table, rows in zip(CATALOGUE_TABLES, (product_rows(stock), price_rows(stock)), strict=True):
                tables[table] = file_of(table, f"{table}/{part}")
                tables[table].add(rows)
        written = [file.finish() for file in tables.values()]
    for table, path, rows, write in (
        ("orders", f"orders/legacy{number}.csv", join(legacy), texts.write_orders),
        ("events", f"events/app{number}.jsonl", join(app), texts.write_events),
    ):
        target = Path(dest) / path
        replace_with(target, partial(write, rows=rows))
        written.append(Written(file_no, table, path, len(rows["fault"]), target.stat().st_size))
    return written


class _ParquetFile:
    """A Parquet file in the making; gone when it is left before it is finished."""

    def __init__(self, root: Path, file_no: int, table: str, path: str) -> None:
        self._file_no, self._table, self._path, self._target = file_no, table, path, root / path
        self._temporary, self._rows = _beside(self._target), 0

    def __enter__(self) -> _ParquetFile:
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self._writer = open_parquet(self._temporary, self._table)
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(OSError, pa.ArrowException):
            self._writer.close()
        self._temporary.unlink(missing_ok=True)

    def add(self, rows: Rows) -> None:
        """One more row group."""
        arrow = to_arrow(self._table, rows)
        self._writer.write_table(arrow, row_group_size=max(arrow.num_rows, 1))
        self._rows += arrow.num_rows

    def finish(self) -> Written:
        """Give the file its own name."""
        self._writer.close()
        os.replace(self._temporary, self._target)
        return Written(self._file_no, self._table, self._path, self._rows, self._target.stat().st_size)


def open_parquet(path: Path, table: str) -> pq.ParquetWriter:
    """A writer with the encodings that the table's columns want."""
    types = dict(columns_of(table))
    words = {name for of, name in vocabulary() if of == table}
    fields = schema(table)
    for index, field in enumerate(fields):
        if field.name in words:
            fields = fields.set(index, field.with_type(pa.dictionary(pa.int16(), pa.string())))
    return pq.ParquetWriter(
        path,
        fields,
        compression="snappy",
        use_dictionary=sorted(words),
        column_encoding={name: _DELTA for name, type in types.items() if type in _PACKED},
        # As Spark writes them; twice as fast and half the size of sixteen bytes a decimal.
        store_decimal_as_integer=True,
        # The words' dictionaries are the writer's affair: readers shall see plain strings.
        store_schema=False,
    )


def write_parquet(path: Path, table: str, rows: Rows) -> int:
    """A whole file of one row group; returns its rows."""
    arrow = to_arrow(table, rows)
    with open_parquet(path, table) as writer:
        writer.write_table(arrow, row_group_size=max(arrow.num_rows, 1))
    return int(arrow.num_rows)


def replace_with(target: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `target` and rename it to `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(target)
    try:
        write(temporary)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.tmp")
