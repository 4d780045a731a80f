"""The door to the tables: rows that are not of the contract stay out, a write is done once, a mismatch is an error."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deltalake import DeltaTable, write_deltalake
from tests.lake_tools import HandShop, rows_of
from tests.rows import assert_rows, make_rows

from emberlake.errors import LedgerMismatch, SchemaDrift
from emberlake.lake import Lake, silver
from emberlake.lake.creation import create_table
from emberlake.settings import read_settings
from emberlake.tables import find

FOLLOWS = "silver.follows"
HOURS = "gold.hourly_sales"


@pytest.fixture
def lake(engine, tmp_path):
    with Lake(engine.session, read_settings(root=tmp_path)) as opened:
        yield opened


def follows(lake: Lake, *pairs: tuple[int | None, int]):
    rows = [(a, b, "2025-01-01", "load") for a, b in pairs]
    return make_rows(lake.session, find(FOLLOWS).ddl, rows)


def hours(lake: Lake, *rows: tuple[str, int, int]):
    """(day, hour, orders) as rows of gold.hourly_sales."""
    return make_rows(lake.session, find(HOURS).ddl, [(day, hour, 1, orders, "1.00") for day, hour, orders in rows])


def shown(lake: Lake, name: str, columns: str) -> list[tuple[str | None, ...]]:
    return rows_of(lake.settings, name, columns)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda rows: rows.drop("followed_at"), "missing followed_at"),
        (lambda rows: rows.selectExpr("*", "1 AS mood"), "unknown mood"),
        (lambda rows: rows.withColumn("followee_id", rows.followee_id.cast("int")), "followee_id is int, not bigint"),
        (lambda rows: rows.withColumn("followed_at", rows.followed_at.cast("string")), "is string, not timestamp"),
        (lambda rows: rows.selectExpr("*", "follower_id AS follower_id"), "twice follower_id"),
        (lambda rows: rows.withColumnRenamed("followed_at", "since"), "missing followed_at; unknown since"),
    ],
)
def test_rows_that_drifted_are_refused_whole(lake, change, told):
    lake.append(FOLLOWS, follows(lake, (1, 2)))
    for write in (lake.append, lake.overwrite, lambda name, rows: lake.merge(name, rows, ("follower_id",))):
        with pytest.raises(SchemaDrift, match=f"Rows for silver.follows do not have its columns: .*{told}"):
            write(FOLLOWS, change(follows(lake, (3, 4))))
    assert lake.version(FOLLOWS) == 1 and shown(lake, FOLLOWS, "follower_id followee_id") == [("1", "2")]
    assert lake.ledger.open_writes(FOLLOWS) == []


def test_drifted_rows_make_no_table(lake):
    with pytest.raises(SchemaDrift):
        lake.append(FOLLOWS, follows(lake, (1, 2)).drop("_load_id"))
    assert not lake.exists(FOLLOWS)


def test_a_table_of_another_version_is_not_written_to(lake):
    """The embedded engine would append the rows, and leave out the column that the table does not know."""
    now = find(FOLLOWS)
    create_table(lake.path(FOLLOWS), replace(now, columns=tuple(c for c in now.columns if c.name != "followed_at")))
    for write in (lake.append, lake.overwrite, lambda name, rows: lake.merge(name, rows, ("follower_id",))):
        with pytest.raises(SchemaDrift, match="Table silver.follows was made by another version .* lacks followed_at"):
            write(FOLLOWS, follows(lake, (1, 2)))
    assert lake.version(FOLLOWS) == 0 and lake.ledger.open_writes(FOLLOWS) == []


def test_columns_in_another_order_are_the_same_columns(lake):
    lake.append(FOLLOWS, follows(lake, (1, 2)).select("_load_id", "followee_id", "followed_at", "follower_id"))
    assert shown(lake, FOLLOWS, "follower_id followee_id _load_id") == [("1", "2", "load")]


@pytest.mark.long("spark")
@pytest.mark.parametrize("bad", [(5, 5), (None, 5)], ids=["a broken rule", "a missing key"])
def test_a_row_that_slips_by_the_verdict_meets_the_tables_own_constraint(lake, bad):
    lake.append(FOLLOWS, follows(lake, (1, 2)))
    attempts = [
        lambda rows: lake.append(FOLLOWS, rows, token="bad"),
        lambda rows: lake.overwrite(FOLLOWS, rows),
        lambda rows: lake.merge(FOLLOWS, rows, ("follower_id", "followee_id")),
    ]
    for attempt in attempts:
        # Spark's own class for it is no PySparkException: what counts is that it is an error and says which.
        with pytest.raises(Exception, match="(?i)constraint|check|not_oneself|follower_id"):
            attempt(follows(lake, (3, 4), bad))
    assert shown(lake, FOLLOWS, "follower_id followee_id") == [("1", "2")]
    # What failed is not taken for done, and the table is free for the next.
    lake.append(FOLLOWS, follows(lake, (3, 4)), token="bad")
    assert shown(lake, FOLLOWS, "follower_id followee_id") == [("1", "2"), ("3", "4")]


def test_a_write_with_a_name_is_done_once(lake):
    for _ in range(3):
        lake.append(FOLLOWS, follows(lake, (1, 2)), token="t")
    lake.append(FOLLOWS, follows(lake, (3, 4)), token="another")
    assert len(shown(lake, FOLLOWS, "follower_id")) == 2 and lake.version(FOLLOWS) == 2


def test_each_way_to_write_does_what_it_says(lake):
    lake.overwrite(HOURS, hours(lake, ("2026-01-01", 8, 1), ("2026-01-02", 8, 2)))
    lake.append(HOURS, hours(lake, ("2026-01-02", 9, 3)))
    lake.replace_where(HOURS, hours(lake, ("2026-01-02", 7, 9)), "day = DATE'2026-01-02'")
    assert shown(lake, HOURS, "day hour orders") == [("2026-01-01", "8", "1"), ("2026-01-02", "7", "9")]
    news = hours(lake, ("2026-01-01", 8, 5), ("2026-01-02", 7, 6), ("2026-01-03", 1, 7))
    lake.merge(HOURS, news, ("day", "hour"), when="s.orders < t.orders")
    assert shown(lake, HOURS, "day hour orders") == [
        ("2026-01-01", "8", "1"), ("2026-01-02", "7", "6"), ("2026-01-03", "1", "7"),
    ]  # fmt: skip
    lake.merge(HOURS, news, ("day", "hour"), delete="s.orders > 6", insert=False)
    assert shown(lake, HOURS, "day hour orders") == [("2026-01-01", "8", "5"), ("2026-01-02", "7", "6")]
    lake.overwrite(HOURS, hours(lake))
    assert shown(lake, HOURS, "day") == []


def test_a_table_is_read_now_at_a_version_and_as_of_a_build(lake):
    empty = lake.read("hourly_sales")
    assert empty.columns == find(HOURS).names and empty.count() == 0
    lake.append(HOURS, hours(lake, ("2026-01-01", 8, 1)))
    lake.ledger.record_build("gold", lake.versions())
    lake.append(HOURS, hours(lake, ("2026-01-02", 8, 2)))
    assert_rows(lake.read(HOURS).select("day", "orders"), [("2026-01-01", 1), ("2026-01-02", 2)])
    assert_rows(lake.read(HOURS, version=1).select("day", "orders"), [("2026-01-01", 1)])
    assert_rows(lake.read(HOURS, as_of="2100-01-01").select("day", "orders"), [("2026-01-01", 1)])
    # A table that came after that build was empty then.
    lake.append(FOLLOWS, follows(lake, (1, 2)))
    assert lake.read(FOLLOWS, as_of="2100-01-01").count() == 0
    assert lake.read(FOLLOWS, version=-1).count() == 0


@pytest.mark.long("spark")
@pytest.mark.parametrize("tampering", ["a refused row vanishes", "a refused row is there twice"])
def test_rows_that_are_neither_accepted_nor_refused_stop_the_build(engine, tmp_path, monkeypatch, tampering):
    shop = HandShop(read_settings(root=tmp_path), engine.session)
    shop.put(
        "ratings/a.csv", "user_id,product_id,rating,rated_at\n1,1,5,2025-01-01\n1,2,9,2025-01-01\n1,3,8,2025-01-01\n"
    )
    path = tmp_path / "lake" / "quarantine" / "ratings"

    def tamper(name: str) -> None:
        if name == "quarantine.ratings:before-silver":
            rows = DeltaTable(path).to_pyarrow_table()
            mode = "overwrite" if "vanishes" in tampering else "append"
            write_deltalake(path, rows.slice(0, 1), mode=mode, partition_by=["_load_id"])

    monkeypatch.setattr(silver, "boundary", tamper)
    refused = 1 if "vanishes" in tampering else 3
    with pytest.raises(
        LedgerMismatch, match=f"of ratings: 3 rows read, but 1 accepted, 0 deleted and {refused} refused"
    ):
        shop.take()
    assert [load["accepted"] for load in shop.loads("ratings")] == [None]
    # Nothing is recorded until it is right, and then without taking a row twice.
    monkeypatch.undo()
    with pytest.raises(LedgerMismatch):
        shop.take()
    DeltaTable(path).restore(1)
    shop.take()
    assert [(load["accepted"], load["refused"]) for load in shop.loads("ratings")] == [(1, 2)]
    assert shop.rows("silver.ratings", "product_id") == [("1",)]
