"""A table's rows laid out as files that arrived one after the other."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa

from emberlake.school.slices import write_slices


class Frame:
    """What is used of a DataFrame."""

    def __init__(self, rows):
        self.rows = rows

    def toArrow(self):
        return pa.Table.from_pylist(self.rows)


def at(day):
    return dt.datetime(2025, 12, day, 10, tzinfo=dt.UTC)


def row(number, day, **more):
    return {"id": number, "amount": Decimal("9.50"), "at": at(day), "note": None} | more


def test_files_hold_so_many_days_each_and_the_oldest_is_the_oldest(tmp_path):
    folder = write_slices(Frame([row(4, 9), row(1, 1), row(2, 2), row(3, 4)]), tmp_path / "in", by="at", days=2)
    files = sorted((tmp_path / "in").iterdir())
    ids = [[json.loads(line)["id"] for line in path.read_text().splitlines()] for path in files]
    assert folder == str(tmp_path / "in")
    assert ids == [[1, 2], [3], [4]]
    times = [path.stat().st_mtime for path in files]
    assert times == sorted(set(times))


def test_a_null_is_left_out_and_a_folder_is_made_anew(tmp_path):
    write_slices(Frame([row(1, 1), row(2, 9)]), tmp_path / "in", by="at", days=1)
    write_slices(Frame([row(1, 1, note="gift")]), tmp_path / "in", by="at", days=1)
    (path,) = (tmp_path / "in").iterdir()
    told = json.loads(path.read_text())
    assert told == {"id": 1, "amount": "9.50", "at": "2025-12-01 10:00:00+00:00", "note": "gift"}


def test_the_same_rows_give_the_same_files(tmp_path):
    rows = [row(2, 1), row(1, 1), row(3, 2)]
    write_slices(Frame(rows), tmp_path / "a", by="at", days=1)
    write_slices(Frame(rows[::-1]), tmp_path / "b", by="at", days=1)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
