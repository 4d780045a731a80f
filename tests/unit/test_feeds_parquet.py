"""Parquet files: clean columns are cast whole, others value by value; row groups become tasks."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.data.reading import feed, lines, read, rescued

from emberlake.errors import SourceError
from emberlake.lake.feeds import batch_schema, find_files, parse, split, tasks

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def orders(path: Path, rows: int = 2, **columns: pa.Array | list) -> Path:
    table = {
        "order_id": list(range(1, rows + 1)),
        "user_id": [7] * rows,
        "ordered_at": pa.array([NOON] * rows, pa.timestamp("us", "UTC")),
        "amount": pa.array([Decimal("9.50")] * rows, pa.decimal128(12, 2)),
    }
    pq.write_table(pa.table({**table, **columns}), path)
    return path


def test_the_schema_is_the_contracts(tmp_path):
    given = feed(orders(tmp_path / "a.parquet"))
    [task] = split(find_files(given)[0], given)
    [batch] = parse(task)
    assert batch.schema == batch_schema("orders")
    assert batch.schema.field("amount").type == pa.decimal128(12, 2)
    assert batch.schema.field("ordered_at").type == pa.timestamp("us", "UTC")
    assert batch.schema.names[-4:] == ["_rescued", "_op", "_source_file", "_row"]


@pytest.mark.parametrize(
    ("name", "found", "read_as", "lost"),
    [
        ("order_id", pa.array([1.0, 2.5]), [1, None], "2.5"),
        ("order_id", pa.array([1, 2**40], pa.uint64()), [1, 2**40], None),
        ("order_id", pa.array(["1", "x"]), [1, None], "x"),
        ("order_id", pa.array(["1", "x"]).dictionary_encode(), [1, None], "x"),
        ("order_id", pa.array(["1", "x"], pa.large_string()), [1, None], "x"),
        ("order_id", pa.array([True, False]), [None, None], "false"),
        ("order_id", pa.array([[1], [2]]), [None, None], "[2]"),
        ("amount", pa.array([1.25, float("nan")]), [Decimal("1.25"), None], "nan"),
        ("amount", pa.array([1.25, -float("inf")]), [Decimal("1.25"), None], "-inf"),
        ("amount", pa.array([1, 2]), [Decimal(1), Decimal(2)], None),
        ("amount", pa.array([1, 10**15]), [Decimal(1), None], "1000000000000000"),
        ("amount", pa.array([Decimal("1.5"), Decimal("-2.345")]), [Decimal("1.50"), Decimal("-2.35")], None),
        ("ordered_at", pa.array([NOON, NOON], pa.timestamp("ns", "UTC")), [NOON, NOON], None),
        ("ordered_at", pa.array([NOON.replace(tzinfo=None)] * 2, pa.timestamp("ms")), [NOON, NOON], None),
        ("ordered_at", pa.array([NOON, NOON], pa.timestamp("us", "Europe/Berlin")), [NOON, NOON], None),
        ("ordered_at", pa.array([date(2026, 3, 1)] * 2), [NOON.replace(hour=0)] * 2, None),
        ("ordered_at", pa.array(["2026-03-01 12:00", "2026-02-31"]), [NOON, None], "2026-02-31"),
        ("status", pa.array([1, 2]), ["1", "2"], None),
        ("status", pa.array([b"paid", b"\xff"]), ["paid", "\\xff"], None),
        ("order_id", pa.array([b"7", b"\xff"]), [7, None], "\\xff"),
    ],
)
def test_columns_of_another_type(tmp_path, name, found, read_as, lost):
    rows = read(orders(tmp_path / "a.parquet", **{name: found}))
    assert [row[name] for row in rows] == read_as
    assert rows[1]["_rescued"].get(name) == lost


def test_a_column_of_another_kind_is_told(tmp_path):
    given = feed(orders(tmp_path / "a.parquet", amount=["1", "2"], user_id=pa.array([1.0, 2.0]), status=[1, 2]))
    [task] = split(find_files(given)[0], given)
    assert task.plan.retyped == ("status: int64 in place of string", "amount: string in place of decimal(12,2)")
    assert "amount: string in place of decimal(12,2)" in task.notes


def test_numbers_of_seconds_are_times_where_the_feed_says_so(tmp_path):
    path = orders(tmp_path / "a.parquet", ordered_at=[1772366400, 1772366400])
    assert read(path, columns={"ordered_at": {"date_format": "epoch"}})[0]["ordered_at"] == NOON
    assert rescued(read(path))[1] == {"ordered_at": "1772366400"}


def test_row_groups_become_tasks_and_rows_keep_their_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "TASK_ROWS", 500)
    path = orders(tmp_path / "a.parquet", 2000, order_id=[*range(1, 1500), *range(1500, 2001)])
    pq.write_table(pq.read_table(path), path, row_group_size=300)
    given = feed(path)
    parts = split(find_files(given)[0], given)
    assert [len(part.groups) for part in parts] == [2, 2, 2, 1]
    assert pickle.loads(pickle.dumps(parts)) == parts
    rows = read(path)
    assert lines(rows) == list(range(1, 2001))
    assert all(row["order_id"] == row["_row"] for row in rows)


def test_made_order_numbers_need_the_whole_file_in_one_task(tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "TASK_ROWS", 2)
    path = orders(tmp_path / "a.parquet", 10)
    pq.write_table(pq.read_table(path).drop(["order_id"]), path, row_group_size=2)
    given = feed(path)
    assert len(split(find_files(given)[0], given)) == 1
    assert len({row["order_id"] for row in read(path)}) == 10


def test_a_truncated_file_is_refused(tmp_path):
    path = orders(tmp_path / "a.parquet", 1000)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(SourceError, match=r"a\.parquet: the Parquet file is truncated or damaged"):
        read(path)


def test_damage_inside_is_a_sentence_too(tmp_path):
    path = orders(tmp_path / "a.parquet", 1000)
    data = bytearray(path.read_bytes())
    data[10:200] = b"\xff" * 190
    path.write_bytes(bytes(data))
    with pytest.raises(SourceError, match=r"a\.parquet"):
        read(path)


def test_what_is_no_parquet_says_so(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_text("order_id,user_id\n")
    with pytest.raises(SourceError, match="is not a Parquet file"):
        read(path, format="parquet")
    path.write_text("")
    with pytest.raises(SourceError, match="is empty"):
        read(path, format="parquet")


def test_no_rows_are_fine(tmp_path):
    assert read(orders(tmp_path / "a.parquet", 0)) == []


def test_unknown_columns_are_left_or_kept(tmp_path):
    path = orders(tmp_path / "a.parquet", note=["x", None])
    assert rescued(read(path)) == {}
    assert rescued(read(path, keep_extra=True)) == {1: {"+note": "x"}}
