"""Every report answers hand-written rows as it should, and random ones as DuckDB does."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.random_shop import random_shop
from tests.report_cases import CASES
from tests.report_tables import TablesInMemory, assert_answer, by_duckdb, same, written

from emberlake.reports import answer, bind, find_report, list_reports
from emberlake.tables import find


@pytest.mark.parametrize("case", CASES, ids=[f"{case.report}-{i}" for i, case in enumerate(CASES)])
def test_hand_written_rows_give_the_expected_answer(engine, case):
    tables = {f"{find(name).layer}.{name}": written(name, text) for name, text in case.tables.items()}
    got = answer(engine.session, TablesInMemory(engine.session, tables), case.report, case.params)
    assert_answer(got.rows, case.expect)


@pytest.fixture(scope="module")
def shop():
    return random_shop()


@pytest.fixture(scope="module")
def lake(engine, shop):
    return TablesInMemory(engine.session, shop)


# Beside the defaults, so that the filters are compared too: parameters that every report with such a name takes.
NARROW = {
    "since": dt.date(2024, 12, 10),
    "until": dt.date(2025, 2, 20),
    "country": "DE",
    "category": "Toys",
    "device": "mobile",
    "top": 7,
    "months": 2,
    "min_days": 5,
}


@pytest.mark.long("spark")  # there the cases by hand
@pytest.mark.parametrize("narrow", [False, True], ids=["defaults", "narrowed"])
@pytest.mark.parametrize("report", list_reports(), ids=lambda report: report.name)
def test_the_answer_equals_duckdbs(engine, lake, shop, report, narrow):
    given = {name: value for name, value in NARROW.items() if name in report.parameters} if narrow else {}
    if narrow and not given:
        pytest.skip("takes none of the narrowing parameters")
    if not narrow and engine.name == "spark" and set(NARROW) & set(report.parameters):
        pytest.skip("seconds a query on Spark; the narrowed one, and the cases by hand, show as much")
    ours = answer(engine.session, lake, report.name, given)
    theirs = by_duckdb(report, bind(report, given), shop)

    assert ours.rows.column_names == list(report.columns)
    rows = [tuple(row.values()) for row in ours.rows.to_pylist()]
    assert rows, "a comparison of no rows shows nothing"
    assert len(rows) == len(theirs)
    for mine, yours in zip(rows, theirs, strict=True):
        assert all(map(same, mine, yours)), f"{mine}\n{yours}"


def test_the_comparison_with_duckdb_can_fail(engine, lake, shop):
    report = find_report("revenue_by_month")
    ours = answer(engine.session, lake, report.name)
    other = dict(shop) | {"gold.daily_sales": shop["gold.daily_sales"].slice(1)}
    theirs = by_duckdb(report, bind(report), other)
    assert [tuple(row.values()) for row in ours.rows.to_pylist()] != theirs
