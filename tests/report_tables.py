"""Tables for tests of reports: written by hand as text, read by an engine or by DuckDB."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from pyspark.sql import DataFrame, SparkSession
from tests.random_shop import arrow_type

from emberlake.reports import Report
from emberlake.tables import Table, find


class TablesInMemory:
    """Stands for the lake: Arrow tables by `layer.name`; a table that is not there is empty."""

    def __init__(self, session: SparkSession, tables: Mapping[str, pa.Table]) -> None:
        self.session, self.tables = session, tables
        self.asked: list[tuple[str, str | None]] = []
        self._frames: dict[str, DataFrame] = {}

    def read(self, name: str, *, as_of: str | None = None) -> DataFrame:
        self.asked.append((name, as_of))
        if name not in self._frames:
            self._frames[name] = self._frame(name)
        return self._frames[name]

    def _frame(self, name: str) -> DataFrame:
        table = self.tables.get(name)
        if table is None or table.num_rows == 0:
            return self.session.createDataFrame([], find(name).ddl)
        return self.session.createDataFrame(table)


def cells(text: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a table written as text; two blanks or more part its columns."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in text.strip().splitlines()]
    for line in lines:
        assert len(line) == len(lines[0]), f"{line} has {len(line)} values, the header {lines[0]} has {len(lines[0])}"
    return lines[0], lines[1:]


def written(name: str, text: str) -> pa.Table:
    """A table of the lake from text: `-` is null, and columns that the text leaves out are null."""
    table = find(name)
    header, rows = cells(text)
    assert set(header) <= set(table.names), f"{name} has no columns {set(header) - set(table.names)}"
    columns = {
        column.name: [_read(row[header.index(column.name)], column.type) for row in rows]
        if column.name in header
        else [None] * len(rows)
        for column in table.columns
    }
    return pa.table(columns, schema=pa.schema([pa.field(c.name, arrow_type(c.type)) for c in table.columns]))


def _read(text: str, kind: str) -> Any:
    if text == "-":
        return None
    if kind == "string":
        return text
    if kind.startswith("decimal"):
        return Decimal(text)
    if kind == "date":
        return dt.date.fromisoformat(text)
    if kind == "timestamp":
        return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
    if kind == "boolean":
        return {"yes": True, "no": False}[text]
    return float(text) if kind == "double" else int(text)


def assert_answer(rows: pa.Table, expected: str) -> None:
    """Fail unless the rows are the expected ones, in their order; doubles may be written as fractions (`1/3`)."""
    header, wanted = cells(expected)
    assert rows.column_names == header
    got = [list(row.values()) for row in rows.to_pylist()]
    shown = "\n".join("  ".join(map(str, row)) for row in got)
    assert len(got) == len(wanted), f"{len(got)} rows instead of {len(wanted)}:\n{shown}"
    for number, (row, want) in enumerate(zip(got, wanted, strict=True)):
        for name, value, text in zip(header, row, want, strict=True):
            assert _is(value, text), f"row {number}, {name}: {value!r} instead of {text}\n{shown}"


def _is(value: Any, text: str) -> bool:
    if value is None or text == "-":
        return value is None and text == "-"
    if isinstance(value, bool):
        return text == ("yes" if value else "no")
    if isinstance(value, float):
        return math.isclose(value, float(Fraction(text)), rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(value, Decimal):
        return value == Decimal(text) and "." in text
    return str(value) == text


def by_duckdb(report: Report, parameters: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> list[tuple[Any, ...]]:
    """The report's answer by DuckDB: the same file, put into DuckDB's dialect."""
    [sql] = sqlglot.transpile(report.sql, read="spark", write="duckdb")
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        for table in report.tables:
            con.register(table.name, _without_zone(tables[_path(table)]))
        used = {name: value for name, value in parameters.items() if f"${name}" in sql}
        return con.execute(sql, used).fetchall()


def _path(table: Table) -> str:
    return f"{table.layer}.{table.name}"


def _without_zone(table: pa.Table) -> pa.Table:
    """Times without a zone, which is UTC everywhere: casts of DuckDB's zoned times need an extension."""
    fields = [pa.field(f.name, pa.timestamp("us")) if pa.types.is_timestamp(f.type) else f for f in table.schema]
    return table.cast(pa.schema(fields))


def same(ours: Any, theirs: Any) -> bool:
    """Whether two engines' values are the same: exact, but for the last digits of doubles."""
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=1e-15)
    if isinstance(ours, dt.date) and isinstance(theirs, dt.datetime):
        return dt.datetime.combine(ours, dt.time()) == theirs
    return bool(ours == theirs) and (type(ours) is type(theirs))
