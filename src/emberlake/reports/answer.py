"""Asking: the views a report needs, its SQL with bound parameters, and the rows that come back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from emberlake.reports.catalog import find_report
from emberlake.reports.parameters import Value, bind
from emberlake.reports.report import Report

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

# A day or a moment, UTC; the lake knows which version of each table the newest build up to then left.
AsOf = str | dt.date | dt.datetime


class Tables(Protocol):
    """What a report needs of the lake."""

    def read(self, name: str, *, as_of: str | None = None) -> DataFrame:
        """The table `layer.name`, empty when it is absent, as it was at `as_of`."""
        ...


@dataclass(frozen=True)
class Answer:
    """A report's rows and what they answer.

    Attributes:
        rows: the columns of `report.columns`, in the order that the report promises.
        parameters: every parameter with the value that was used.
    """

    report: Report
    parameters: Mapping[str, Value]
    as_of: str | None
    rows: pa.Table


def answer(
    session: SparkSession,
    lake: Tables,
    name: str,
    params: Mapping[str, object] | None = None,
    as_of: AsOf | None = None,
) -> Answer:
    """Runs a report and brings its rows here.

    Args:
        session: of either engine.
        lake: reads tables by `layer.name`.
        name: one of `list_reports()`.
        params: values by parameter's name, typed or as text; defaults stand for the others.
        as_of: reads every table as it was then; None reads the latest.

    Raises:
        ReportError: for an unknown report or parameter, or a value that the parameter does not take.
    """
    report = find_report(name)
    values, moment = bind(report, params), _moment(as_of)
    # The rows are fetched while the views stand: an embedded engine resolves a view's name when it runs the query,
    # so that a lazy answer would read the tables of whichever report was asked last.
    with _views(session, lake, report, moment):
        rows = session.sql(report.sql, args=values).toArrow()
    return Answer(report, values, moment, rows)


def run_report(
    session: SparkSession,
    lake: Tables,
    name: str,
    params: Mapping[str, object] | None = None,
    as_of: AsOf | None = None,
) -> DataFrame:
    """A report's rows as a DataFrame of their own, for further work; see `answer` for the arguments and errors."""
    got = answer(session, lake, name, params, as_of)
    if got.rows.num_rows:
        return session.createDataFrame(got.rows)
    # PySpark takes no schema from an empty table.
    with _views(session, lake, got.report, got.as_of):
        schema = session.sql(got.report.sql, args=dict(got.parameters)).schema
    return session.createDataFrame([], schema)


def _moment(as_of: AsOf | None) -> str | None:
    if isinstance(as_of, dt.datetime) and as_of.tzinfo is not None:
        as_of = as_of.astimezone(dt.UTC).replace(tzinfo=None)
    return as_of.isoformat() if isinstance(as_of, dt.date) else as_of


@contextmanager
def _views(session: SparkSession, lake: Tables, report: Report, as_of: str | None) -> Iterator[None]:
    """Temporary views by the tables' plain names, for as long as the query runs."""
    made = []
    try:
        for table in report.tables:
            path = f"{table.layer}.{table.name}"
            frame = lake.read(path) if as_of is None else lake.read(path, as_of=as_of)
            frame.createOrReplaceTempView(table.name)
            made.append(table.name)
        yield
    finally:
        for name in made:
            session.catalog.dropTempView(name)
