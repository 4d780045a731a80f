"""Rows in, rows out: literal tuples become DataFrames, and DataFrames are compared with literal tuples."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T


def make_rows(session: SparkSession, schema: str, rows: Iterable[Sequence[Any]]) -> DataFrame:
    """A DataFrame from tuples; a string becomes what its column's type says ("10.00", "2026-03-01 23:59", "7")."""
    fields = session.createDataFrame([], schema).schema
    typed = []
    for row in rows:
        if len(row) != len(fields):
            raise ValueError(f"The row {row!r} has {len(row)} values, the schema {len(fields)}: {schema}")
        typed.append(tuple(_typed(value, field.dataType) for value, field in zip(row, fields, strict=True)))
    return session.createDataFrame(typed, fields)


def assert_rows(df: DataFrame, expected: Iterable[Sequence[Any]]) -> None:
    """Fail unless a DataFrame has exactly these rows, in any order.

    A string matches a decimal, date or timestamp that is written so: "15.00", "2026-03-01",
    "2026-03-01 08:00" or "2026-03-01 08:00:30". Doubles match within one part in a billion.
    """
    # Cast by the engine, whose time zone is UTC; collect() would use the machine's.
    shown = [
        F.col(f"`{field.name}`").cast("string").alias(field.name)
        if isinstance(field.dataType, T.TimestampType | T.TimestampNTZType)
        else F.col(f"`{field.name}`")
        for field in df.schema
    ]
    timestamps = {
        place
        for place, field in enumerate(df.schema)
        if isinstance(field.dataType, T.TimestampType | T.TimestampNTZType)
    }
    wanted = [tuple(_instant(v) if i in timestamps else _plain(v) for i, v in enumerate(row)) for row in expected]
    got = [tuple(_plain(value) for value in row) for row in df.select(*shown).collect()]
    missing, unexpected = list(wanted), []
    for row in got:
        match = next((i for i, want in enumerate(missing) if _same(row, want)), None)
        if match is None:
            unexpected.append(row)
        else:
            del missing[match]
    if missing or unexpected:
        lines = [f"Rows differ in the columns {', '.join(df.columns)}:"]
        lines += [f"  missing:    {row!r}" for row in missing]
        lines += [f"  unexpected: {row!r}" for row in unexpected]
        raise AssertionError("\n".join(lines))


def _typed(value: Any, kind: T.DataType) -> Any:
    if isinstance(value, int | Decimal) and isinstance(kind, T.DecimalType):
        return Decimal(value)
    if isinstance(kind, T.DoubleType | T.FloatType) and isinstance(value, int):
        return float(value)
    if not isinstance(value, str) or isinstance(kind, T.StringType):
        return value
    if isinstance(kind, T.DecimalType):
        return Decimal(value)
    if isinstance(kind, T.DateType):
        return dt.date.fromisoformat(value)
    if isinstance(kind, T.TimestampNTZType):
        return dt.datetime.fromisoformat(value)
    if isinstance(kind, T.TimestampType):
        # With its zone said: PySpark takes a naive time for one of the machine's zone.
        return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)
    if isinstance(kind, T.BooleanType):
        return {"true": True, "false": False}[value.lower()]
    if isinstance(kind, T.DoubleType | T.FloatType):
        return float(value)
    return int(value) if isinstance(kind, T.IntegralType) else value


def _instant(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        value = value.isoformat(sep=" ")
    return f"{value}:00" if isinstance(value, str) and len(value) == len("2026-03-01 08:00") else value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def _same(got: Any, want: Any) -> bool:
    if isinstance(got, tuple | list) and isinstance(want, tuple | list):
        return len(got) == len(want) and all(_same(g, w) for g, w in zip(got, want, strict=True))
    if isinstance(got, dict) and isinstance(want, dict):
        return got.keys() == want.keys() and all(_same(got[key], want[key]) for key in got)
    if isinstance(want, str) and isinstance(got, Decimal | dt.date):
        return str(got) == want
    if isinstance(got, bool) is not isinstance(want, bool):
        return False
    if isinstance(got, float) and isinstance(want, int | float):
        return (math.isnan(got) and math.isnan(want)) or math.isclose(got, want, rel_tol=1e-9, abs_tol=1e-12)
    return got == want
