"""Records that several processes open at once: nobody is turned away, and a file that is none is told apart."""

from __future__ import annotations

import sqlite3
from multiprocessing import get_context
from pathlib import Path

import pytest

from emberlake.records import open_records

SCHEMA = "CREATE TABLE IF NOT EXISTS said (who INTEGER NOT NULL) STRICT;"
OPENERS = 8
FILES = 40


def _open_each(folder: Path, who: int, all_are_here) -> None:
    for number in range(FILES):
        all_are_here.wait(60)
        db = open_records(folder / f"{number}.sqlite", SCHEMA)
        db.execute("INSERT INTO said VALUES (?)", (who,))
        db.close()


def test_eight_processes_make_the_same_new_file_at_once(tmp_path):
    context = get_context("fork")
    all_are_here = context.Barrier(OPENERS)
    openers = [context.Process(target=_open_each, args=(tmp_path, n, all_are_here)) for n in range(OPENERS)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    assert [opener.exitcode for opener in openers] == [0] * OPENERS
    for number in range(FILES):
        db = sqlite3.connect(tmp_path / f"{number}.sqlite")
        assert db.execute("SELECT who FROM said ORDER BY who").fetchall() == [(n,) for n in range(OPENERS)]
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        db.close()


def test_one_that_is_held_is_given_up_after_the_time_told(tmp_path):
    path = tmp_path / "held.sqlite"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        open_records(path, SCHEMA, busy_seconds=0.05)
    holder.execute("COMMIT")
    open_records(path, SCHEMA, busy_seconds=0.05).close()


def test_a_file_that_is_no_database_is_left_as_it_was(tmp_path):
    path = tmp_path / "notes.sqlite"
    path.write_text("not a database, but long enough to look like one to nobody" * 10)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        open_records(path, SCHEMA)
    assert path.read_text().startswith("not a database")
