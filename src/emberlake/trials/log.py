"""The exposure log: who saw which variant when, brought in from files, kept as Parquet, one file an import.

Columns go through Arrow batch by batch, so that a log of millions is no list of Python objects.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emberlake.errors import TrialError
from emberlake.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

_FORMATS = {".csv": "csv", ".parquet": "parquet", ".jsonl": "json", ".ndjson": "json"}
COLUMNS = ("user_id", "variant", "exposed_at")


@dataclass(frozen=True)
class Imported:
    """A file that was taken in: its name in the trial's folder, its rows and its rows by variant."""

    file: str
    rows: int
    variants: dict[str, int]


def log_folder(settings: Settings, trial: str) -> Path:
    """Where a trial's exposures lie."""
    return settings.trials / trial / "exposures"


def import_exposures(settings: Settings, trial: str, source: Path, variants: tuple[str, ...]) -> Imported:
    """Takes in a file with user_id, variant and exposed_at (UTC where it says no zone); all of it or nothing.

    Raises:
        TrialError: if it cannot be read, lacks a column, or has a variant that the trial does not have.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = log_folder(settings, trial)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{len(list(folder.glob('*.parquet'))) + 1:04}.parquet"
    fresh = folder / f".{target.name}.{os.getpid()}"
    rows, seen = 0, dict.fromkeys(variants, 0)
    try:
        with pq.ParquetWriter(fresh, _schema(), compression="zstd") as writer:
            for batch in _batches(source):
                table = _typed(source, batch, rows)
                for pair in table.column("variant").value_counts().to_pylist():
                    if pair["values"] not in seen:
                        raise _stranger(source, trial, pair["values"], variants)
                    seen[pair["values"]] += pair["counts"]
                writer.write_table(table)
                rows += table.num_rows
        if not rows:
            raise TrialError(f"{source} has no exposures.", f"It needs rows with {', '.join(COLUMNS)}.")
        # Two imports at once never share a name: a link to a name that is taken fails.
        while True:
            try:
                os.link(fresh, target)
                return Imported(target.name, rows, seen)
            except FileExistsError:
                target = folder / f"{int(target.stem) + 1:04}.parquet"
    except pa.ArrowException as e:
        raise TrialError(f"{source} cannot be read: {str(e).splitlines()[0]}", _accepted()) from e
    finally:
        fresh.unlink(missing_ok=True)


def _schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([("user_id", pa.int64()), ("variant", pa.string()), ("exposed_at", pa.timestamp("us", "UTC"))])


def _batches(source: Path) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.csv as pc
    import pyarrow.dataset as ds

    kind = _FORMATS.get(source.suffix.lower())
    if kind is None:
        raise TrialError(f"{source} is no file of exposures.", _accepted())
    if not source.is_file():
        raise TrialError(f"There is no file {source}.", _accepted())
    given: Any = kind
    if kind == "csv":
        # Times are read as they are written: Arrow would take them by the first rows' form.
        texts = {"variant": pa.string(), "exposed_at": pa.string(), "user_id": pa.int64()}
        given = ds.CsvFileFormat(convert_options=pc.ConvertOptions(column_types=texts, strings_can_be_null=True))
    data = ds.dataset(source, format=given)
    if missing := [name for name in COLUMNS if name not in data.schema.names]:
        raise TrialError(f"{source} has no column {missing[0]!r}.", _accepted())
    yield from data.to_batches(columns=list(COLUMNS))


def _typed(source: Path, batch: pa.RecordBatch, before: int) -> pa.Table:
    import pyarrow as pa

    table = pa.Table.from_batches([batch])
    for name in COLUMNS:
        if table.column(name).null_count:
            place = before + table.column(name).combine_chunks().is_null().index(pa.scalar(True)).as_py() + 1
            raise TrialError(f"{source}, row {place:,}: {name} is empty.", _accepted())
    times = _times(table.column("exposed_at"))
    return pa.table(
        [table.column("user_id").cast(pa.int64()), table.column("variant").cast(pa.string()), times], _schema()
    )


def _times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa

    utc = pa.timestamp("us", "UTC")
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        if not pa.types.is_timestamp(column.type):
            # A number would be taken for microseconds, whatever it was meant to be.
            raise pa.ArrowInvalid(f"exposed_at holds {column.type}, not times.")
        return column.cast(pa.timestamp("us")).cast(utc) if column.type != utc else column
    try:
        return column.cast(pa.timestamp("us")).cast(utc)
    except pa.ArrowInvalid:
        return column.cast(utc)


def _stranger(source: Path, trial: str, variant: str, variants: tuple[str, ...]) -> TrialError:
    return TrialError(
        f"{source} has a variant {variant!r} that trial {trial!r} does not have.",
        f"It has: {', '.join(variants)}. Nothing was imported.",
    )


def _accepted() -> str:
    return "Give a .csv, .jsonl or .parquet file with user_id (a whole number), variant and exposed_at (ISO 8601)."
