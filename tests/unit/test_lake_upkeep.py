"""Upkeep changes files and never rows; what it undoes can be done again; a diff tells every row that changed."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from tests.lake_tools import rows_of

from emberlake.errors import LakeBusy, LakeError
from emberlake.lake import Lake
from emberlake.lake import upkeep as keep
from emberlake.lake.status import changes_since_gold
from emberlake.settings import read_settings

HOURS = "gold.hourly_sales"


def hours(*rows: tuple[str, int, int, str]) -> pa.Table:
    """(day, hour, orders, revenue) as rows of gold.hourly_sales."""
    return pa.table(
        {
            "day": pa.array([dt.date.fromisoformat(row[0]) for row in rows], pa.date32()),
            "hour": pa.array([row[1] for row in rows], pa.int32()),
            "weekday": pa.array([1] * len(rows), pa.int32()),
            "orders": pa.array([row[2] for row in rows], pa.int64()),
            "revenue": pa.array([row[3] for row in rows]).cast(pa.decimal128(22, 2)),
        }
    )


@pytest.fixture
def lake(tmp_path):
    """Four versions of a table: empty, two rows, four rows, and four rows written anew with changes."""
    with Lake(None, read_settings(root=tmp_path)) as opened:
        opened.create(HOURS)
        path = opened.path(HOURS)
        write_deltalake(path, hours(("2026-01-01", 8, 1, "10.00"), ("2026-01-01", 9, 2, "20.00")), mode="append")
        write_deltalake(path, hours(("2026-01-02", 8, 3, "30.00"), ("2026-01-02", 9, 4, "40.00")), mode="append")
        changed = [("2026-01-01", 8, 1, "10.00"), ("2026-01-01", 9, 9, "99.00"), ("2026-01-02", 8, 3, "30.00")]
        write_deltalake(path, hours(*changed, ("2026-01-03", 7, 5, "50.00")), mode="overwrite")
        yield opened


def rows(lake: Lake) -> list[tuple[str | None, ...]]:
    return rows_of(lake.settings, HOURS, "day hour orders revenue")


NEWEST = [
    ("2026-01-01", "8", "1", "10.00"), ("2026-01-01", "9", "9", "99.00"), ("2026-01-02", "8", "3", "30.00"),
    ("2026-01-03", "7", "5", "50.00"),
]  # fmt: skip


def test_optimizing_keeps_every_row_in_fewer_files(lake):
    keep.restore(lake, HOURS, version=2)
    before = rows(lake)
    (told,) = keep.optimize(lake, [HOURS])
    assert (told["table"], told["files_before"], told["files_after"]) == (HOURS, 2, 1)
    assert told["bytes_after"] < told["bytes_before"] and told["clustered_by"] == []
    assert rows(lake) == before and len(before) == 4


def test_rows_are_clustered_by_the_columns_given_or_by_the_tables_own(lake):
    (told,) = keep.optimize(lake, ["hourly_sales"], zorder=["day"])
    assert told["clustered_by"] == ["day"]
    lake.create("silver.orders")
    (own,) = keep.optimize(lake, ["orders"])
    assert own["clustered_by"] == ["ordered_at", "user_id"]
    with pytest.raises(LakeError, match="Table gold.hourly_sales has no column 'dai'. It has: day, hour"):
        keep.optimize(lake, [HOURS], zorder=["dai"])
    assert rows(lake) == NEWEST


def test_every_clustering_is_of_columns_that_are_there():
    from emberlake.tables import find

    for name, columns in keep.CLUSTERING.items():
        assert set(columns) <= set(find(name).names), name


def test_a_dry_vacuum_tells_and_removes_nothing(lake):
    (told,) = keep.vacuum(lake, [HOURS], hours=0)
    assert (told["files"], told["removed"]) == (2, False) and told["bytes"] > 0
    keep.restore(lake, HOURS, version=2)
    assert len(rows(lake)) == 4


def test_a_vacuum_keeps_what_the_retention_needs_and_the_newest_version(lake):
    (told,) = keep.vacuum(lake, [HOURS], dry_run=False)
    assert told["files"] == 0, "files of the last week went"
    (told,) = keep.vacuum(lake, [HOURS], hours=0, dry_run=False)
    assert told["files"] == 2
    assert rows(lake) == NEWEST
    with pytest.raises(LakeError, match="Version 2 of gold.hourly_sales cannot be restored"):
        keep.restore(lake, HOURS, version=2)
    with pytest.raises(LakeError, match="Versions 1 and 3 of gold.hourly_sales cannot be compared"):
        keep.diff(lake, HOURS, 1, 3)
    assert rows(lake) == NEWEST
    with pytest.raises(LakeError, match="-1 hours cannot be kept"):
        keep.vacuum(lake, [HOURS], hours=-1)


def test_the_history_tells_every_commit_newest_first(lake):
    told = keep.history(lake, "hourly_sales")
    assert [commit["version"] for commit in told] == [3, 2, 1, 0]
    assert told[-1]["operation"] == "CREATE TABLE" and told[-1]["engine"] == "emberlake"
    assert [commit["rows"] for commit in told] == [4, 2, 2, None]
    assert all(commit["at"].endswith("+00:00") for commit in told)
    assert [commit["version"] for commit in keep.history(lake, HOURS, limit=2)] == [3, 2]


def test_a_restore_can_be_undone(lake):
    told = keep.restore(lake, HOURS, version=1)
    assert told == {"table": HOURS, "from": 3, "to": 1, "version_now": 4}
    assert rows(lake) == [("2026-01-01", "8", "1", "10.00"), ("2026-01-01", "9", "2", "20.00")]
    keep.restore(lake, HOURS, version=3)
    assert rows(lake) == NEWEST
    # What is there already is no work, and no new version.
    assert keep.restore(lake, HOURS, version=5)["version_now"] == 5


@pytest.mark.parametrize("version", [None, -1, 4])
def test_a_version_that_is_not_there_cannot_be_restored(lake, version):
    with pytest.raises(LakeError, match=f"Table gold.hourly_sales has no version {version}. It has 0 to 3"):
        keep.restore(lake, HOURS, version=version)


def test_a_diff_tells_added_removed_and_changed_by_key(lake):
    told = keep.diff(lake, HOURS, 2, 3)
    assert {key: told[key] for key in ("table", "from", "to", "added", "removed", "changed")} == {
        "table": HOURS, "from": 2, "to": 3, "added": 1, "removed": 1, "changed": 1,
    }  # fmt: skip
    shown = [(row["_change"], str(row["day"]), row["hour"], row["orders"]) for row in told["rows"]]
    assert shown == [
        ("added", "2026-01-03", 7, 5), ("removed", "2026-01-02", 9, 4),
        ("before", "2026-01-01", 9, 2), ("after", "2026-01-01", 9, 9),
    ]  # fmt: skip
    same = keep.diff(lake, HOURS, 3)
    assert (same["to"], same["added"], same["removed"], same["changed"], same["rows"]) == (3, 0, 0, 0, [])
    with pytest.raises(LakeError, match="has no version 7. It has 0 to 3"):
        keep.diff(lake, HOURS, 1, 7)


def test_upkeep_leaves_golds_build_valid_and_a_restore_does_not(lake):
    lake.ledger.record_build("gold", lake.versions())
    for layer, name in (("silver", "orders"), ("gold", "daily_sales")):
        lake.create(f"{layer}.{name}")
    lake.ledger.record_build("gold", lake.versions())
    assert not changes_since_gold(lake)
    keep.optimize(lake)
    keep.vacuum(lake, hours=0, dry_run=False)
    assert not changes_since_gold(lake), "a compaction makes all of gold be built again"
    keep.restore(lake, HOURS, version=0)
    assert changes_since_gold(lake).everything


def test_upkeep_waits_for_a_writer(lake, monkeypatch):
    from emberlake.lake import lake as room
    from emberlake.lake.locks import hold

    monkeypatch.setattr(room, "hold", lambda path, what: hold(path, what, wait=0.1))
    with hold(lake.settings.state / "locks" / f"{HOURS}.lock", "the test"):
        for work in (
            lambda: keep.optimize(lake, [HOURS]),
            lambda: keep.vacuum(lake, [HOURS]),
            lambda: keep.restore(lake, HOURS, version=1),
        ):
            with pytest.raises(LakeBusy, match=r"Table gold.hourly_sales is being written by process \d+"):
                work()
    assert rows(lake) == NEWEST


def test_a_table_that_does_not_exist_is_told(lake):
    for work in (keep.optimize, keep.vacuum):
        with pytest.raises(LakeError, match="Table gold.daily_sales does not exist yet"):
            work(lake, ["gold.daily_sales"])
    with pytest.raises(LakeError, match="Table gold.daily_sales does not exist yet"):
        keep.history(lake, "daily_sales")
