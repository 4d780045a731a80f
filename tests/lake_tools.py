"""Shops written by hand, lakes read without an engine, and the comparison of two lakes row for row."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from emberlake.lake import Lake, ingest, refine
from emberlake.lake.ledger import Ledger
from emberlake.settings import Settings
from emberlake.tables import LAYERS

# Made anew by every run, and so no part of what two builds must agree on.
CLOCKED = ("_loaded_at",)


@dataclass(frozen=True)
class HandShop:
    """A shop whose files are written by a test.

    Attributes:
        settings: its root; files go to landing, one folder a source.
        session: of an engine; None for what needs none.
    """

    settings: Settings
    session: Any = None

    def put(self, path: str, content: str | bytes) -> Path:
        """Write a file, given as `source/name`."""
        to = self.settings.landing / path
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(content.encode() if isinstance(content, str) else content)
        return to

    def put_parquet(self, path: str, **columns: pa.Array | list[Any]) -> Path:
        """Write a Parquet file from columns."""
        to = self.settings.landing / path
        to.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), to)
        return to

    def put_json(self, path: str, *objects: dict[str, Any]) -> Path:
        """Write JSON lines."""
        return self.put(path, "".join(json.dumps(each) + "\n" for each in objects))

    def lake(self) -> Lake:
        return Lake(self.session, self.settings)

    def take(self):
        """Bronze and silver up to now: what ingest and refine said."""
        with self.lake() as lake:
            return ingest(lake), refine(lake)

    def rows(self, name: str, columns: str, where: str = "true") -> list[tuple[str | None, ...]]:
        """Rows of a table as texts, sorted; read without the engine that wrote them."""
        return rows_of(self.settings, name, columns, where)

    def files(self, name: str) -> dict[str, set[str]]:
        """The live files of a table that lies in folders of months, by month."""
        found: dict[str, set[str]] = {}
        with self.lake() as lake:
            for file in lake.rows_by_file(name):
                found.setdefault(str(file["partition.month"]), set()).add(str(file["path"]))
        return found

    def loads(self, source: str) -> list[dict[str, Any]]:
        """What the ledger says of a source's loads, oldest first."""
        with self.lake() as lake:
            return [load for load in lake.ledger.loads() if load["source"] == source]


def rows_of(settings: Settings, name: str, columns: str, where: str = "true") -> list[tuple[str | None, ...]]:
    """Rows of a table as texts ("10.00", "2026-03-01 08:00:00", "true"), sorted; none if it does not exist."""
    try:
        table = arrow_of(table_path(settings, name))
    except TableNotFoundError:
        return []
    with duckdb.connect() as db:
        db.register("asked", table)
        names = ", ".join(f'CAST("{column}" AS VARCHAR)' for column in columns.split())
        found = db.sql(f"SELECT {names} FROM asked WHERE {where}").fetchall()
    return sorted(found, key=lambda row: [(value is None, value or "") for value in row])


def table_path(settings: Settings, name: str) -> Path:
    layer, _, plain = name.partition(".")
    return settings.lake / layer / plain


def arrow_of(path: Path) -> pa.Table:
    """A whole Delta table, its times without the zone: DuckDB would need an extension for it."""
    table = DeltaTable(path).to_pyarrow_table()
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            # UTC in every table; the cast drops the zone and keeps the instant.
            table = table.set_column(place, field.name, table.column(place).cast(pa.timestamp("us")))
    return table


@dataclass(frozen=True)
class Contents:
    """Every row of every table of a lake, and what its ledger says of its loads.

    Times of loading are left out, because a clock writes them, and files are named by their path under the root, so
    that lakes of different roots can be compared. Rows are sorted: a table is a multiset of rows.
    """

    tables: dict[str, pa.Table]
    loads: list[str]

    @classmethod
    def of(cls, settings: Settings) -> Contents:
        names = [f"{layer}.{plain}" for layer, tables in LAYERS.items() for plain in tables]
        read = {name: _rows(settings, name) for name in names}
        return cls({name: table for name, table in read.items() if table is not None}, _loads(settings))


def differences(one: Contents, other: Contents) -> list[str]:
    """What two lakes differ in, a line a table or load; empty when all is the same, row for row.

    A table without rows counts as no table: which empty ones a killed build has made is of no matter.
    """
    names = [name for name in {**one.tables, **other.tables}]
    told = [_differs(name, one.tables.get(name), other.tables.get(name)) for name in names]
    loads = sorted(set(one.loads) ^ set(other.loads))
    return [line for line in told if line] + [f"ledger: only one has {line}" for line in loads]


def _loads(settings: Settings) -> list[str]:
    ledger = Ledger(settings.state / "ledger.sqlite")
    try:
        loads = ledger.loads()
    finally:
        ledger.close()
    shown = [{key: value for key, value in load.items() if key != "loaded_at"} for load in loads]
    return [json.dumps(load, sort_keys=True).replace(str(settings.root), "") for load in shown]


def _rows(settings: Settings, name: str) -> pa.Table | None:
    try:
        table = arrow_of(table_path(settings, name))
    except TableNotFoundError:
        return None
    kept = table.select([column for column in table.column_names if column not in CLOCKED])
    if "_source_file" in kept.column_names:
        place = kept.column_names.index("_source_file")
        files = pc.replace_substring(kept.column(place).cast(pa.string()), str(settings.root), "")
        kept = kept.set_column(place, "_source_file", files)
    return kept.sort_by([(column, "ascending") for column in kept.column_names]).combine_chunks()


def _differs(name: str, one: pa.Table | None, other: pa.Table | None) -> str:
    if one is None or other is None:
        rows = sum(table.num_rows for table in (one, other) if table is not None)
        return f"{name}: one lake has {rows} rows, the other no table" if rows else ""
    if one.schema.names != other.schema.names or one.schema.types != other.schema.types:
        return f"{name}: columns differ: {_shape(one)} and {_shape(other)}"
    if one.equals(other):
        return ""
    with duckdb.connect() as db:
        db.register("one", one)
        db.register("other", other)
        sides = [
            db.sql(f"SELECT * FROM {left} EXCEPT ALL SELECT * FROM {right}").fetchall()
            for left, right in (("one", "other"), ("other", "one"))
        ]
    shown = "; ".join(f"only in {side}: {rows[0]}" for side, rows in zip(("one", "other"), sides, strict=True) if rows)
    return f"{name}: {len(sides[0])} and {len(sides[1])} rows have no match ({shown})"


def _shape(table: pa.Table) -> str:
    return ", ".join(f"{field.name} {field.type}" for field in table.schema)


def utc(*texts: str) -> pa.Array:
    """Times for Parquet columns."""
    return pa.array([dt.datetime.fromisoformat(text) for text in texts], pa.timestamp("us", "UTC"))


def texts(rows: Sequence[Sequence[Any]]) -> list[tuple[str, ...]]:
    """Rows with every value as text."""
    return [tuple(str(value) for value in row) for row in rows]
