"""The fixtures that every other engine test leans on, tried on both engines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from tests.rows import assert_rows

SCHEMA = "id int, amount decimal(12,2), day date, at timestamp, share double, name string, ok boolean"
WRITTEN = (1, "10.00", "2026-03-01", "2026-03-01 23:59", 0.5, "a", True)
NULLS = (2, None, None, None, None, None, None)


def test_strings_become_what_the_column_says(engine):
    df = engine.rows(SCHEMA, WRITTEN, NULLS)
    assert [t for _, t in df.dtypes] == ["int", "decimal(12,2)", "date", "timestamp", "double", "string", "boolean"]
    assert df.where("at = timestamp'2026-03-01 23:59:00' and amount = 10").count() == 1
    assert_rows(df, [NULLS, WRITTEN])


def test_values_may_be_python_values_too(engine):
    df = engine.rows(SCHEMA, WRITTEN)
    row = (1, Decimal("10.00"), dt.date(2026, 3, 1), dt.datetime(2026, 3, 1, 23, 59), 0.5 + 1e-12, "a", True)
    assert_rows(df, [row])


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [(1, "a", "1.00"), (1, "a", "1.00")],
        [(1, "a", "1.0")],
        [(1, "b", "1.00")],
        [(True, "a", "1.00")],
        [(None, "a", "1.00")],
    ],
)
def test_a_difference_is_seen(engine, wrong):
    df = engine.rows("id int, name string, amount decimal(12,2)", (1, "a", "1.00"))
    with pytest.raises(AssertionError, match="Rows differ"):
        assert_rows(df, wrong)


def test_the_sessions_clock_is_utc(engine):
    assert engine.session.conf.get("spark.sql.session.timeZone") == "UTC"
    assert_rows(engine.session.sql("select cast('2026-07-01 12:00:00' as timestamp)"), [("2026-07-01 12:00",)])


def test_a_bad_cast_raises(engine):
    from pyspark.errors import PySparkException

    with pytest.raises(PySparkException):
        engine.session.sql("select cast('1.299,00' as decimal(12,2))").collect()


def test_delta_keeps_rows_types_and_versions(engine, tmp_path):
    df = engine.rows(SCHEMA, WRITTEN, NULLS)
    table = str(tmp_path / "a table")
    df.write.format("delta").save(table)
    engine.rows(SCHEMA, NULLS).write.format("delta").mode("append").save(table)
    assert_rows(engine.session.read.format("delta").load(table), [WRITTEN, NULLS, NULLS])
    assert_rows(engine.session.read.format("delta").option("versionAsOf", 0).load(table), [WRITTEN, NULLS])


@pytest.mark.timeout(180)  # without its setting it does not end at all
def test_a_plain_udf_right_above_a_table_ends(engine, tmp_path):
    from pyspark.sql import functions as F

    table = str(tmp_path / "table")
    engine.rows(SCHEMA, WRITTEN, NULLS).write.format("delta").save(table)
    doubled = F.udf(lambda value: 2 * value, "int")
    assert_rows(engine.session.read.format("delta").load(table).select(doubled("id")), [(2,), (4,)])
