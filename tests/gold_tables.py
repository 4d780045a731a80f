"""Marts in tests: built from tables written as text, and compared with rows written as text."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from tests.report_tables import TablesInMemory, assert_answer, cells, written

from emberlake.lake.gold import MARTS, Scope
from emberlake.tables import find


def build_mart(session: SparkSession, mart: str, scope: Scope | None = None, **tables: str) -> DataFrame:
    """A mart from silver and gold tables given by plain name; one that is left out is empty."""
    given = {f"{find(name).layer}.{name}": written(name, text) for name, text in tables.items()}
    lake = TablesInMemory(session, given)
    [chosen] = [each for each in MARTS if each.name == mart]
    assert set(given) <= set(chosen.table.reads), f"{mart} does not read {set(given) - set(chosen.table.reads)}"
    return chosen.build({name: lake.read(name) for name in chosen.table.reads}, scope or Scope())


def assert_mart(rows: DataFrame, mart: str, expected: str) -> None:
    """Fail unless the mart has exactly these rows, in the order of its key, in the columns that the text has."""
    header, _ = cells(expected)
    key = list(find(f"gold.{mart}").key)
    assert_answer(rows.orderBy(*key).select(*header).toArrow(), expected)
