"""The ledger: what was loaded, refused, written and built, and what a kill in between means."""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from emberlake.errors import LakeBusy, LakeError
from emberlake.lake import Lake, intents, pending
from emberlake.lake.intents import intent
from emberlake.lake.ledger import Ledger, Load
from emberlake.settings import read_settings

FOLLOWS = "silver.follows"
BUILT = ["2026-03-01T10:00:00.000+00:00", "2026-03-01T23:30:00.000+00:00", "2026-03-05T00:00:00.000+00:00"]


@pytest.fixture
def lake(tmp_path):
    with Lake(None, read_settings(root=tmp_path)) as opened:
        yield opened


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(tmp_path / "state" / "ledger.sqlite")
    yield opened
    opened.close()


def load(load_id: str, source: str = "orders", rows: int = 10, **other) -> Load:
    path = f"/in/{load_id}.csv"
    return Load(load_id, source, source, path, size=1, mtime_ns=2, digest=f"d-{load_id}", rows_read=rows, **other)


def add_follow(lake: Lake, follower: int) -> None:
    """A commit as an engine makes it, behind the ledger's back."""
    at = pa.array([dt.datetime(2025, 1, 1, tzinfo=dt.UTC)], pa.timestamp("us", "UTC"))
    ids = [pa.array([value], pa.int64()) for value in (follower, 1)]
    rows = pa.table({"follower_id": ids[0], "followee_id": ids[1], "followed_at": at, "_load_id": ["a"]})
    write_deltalake(lake.path(FOLLOWS), rows, mode="append")


# Intents: what the next one to take the table's lock makes of them
def test_an_intent_whose_commit_never_came_is_dropped_and_may_be_tried_again(lake):
    lake.create(FOLLOWS)
    lake.ledger.begin_write(FOLLOWS, "token", base_version=0)
    with lake.locked(FOLLOWS):
        assert lake.ledger.open_writes(FOLLOWS) == []
        assert not lake.ledger.written(FOLLOWS, "token")


def test_an_intent_whose_commit_came_is_done_and_is_not_tried_again(lake):
    lake.create(FOLLOWS)
    lake.ledger.begin_write(FOLLOWS, "token", base_version=0)
    add_follow(lake, 2)
    assert not lake.ledger.written(FOLLOWS, "token")
    with lake.locked(FOLLOWS):
        assert lake.ledger.open_writes(FOLLOWS) == []
        assert lake.ledger.written(FOLLOWS, "token")
    assert not lake.ledger.written("silver.users", "token")


def test_an_intent_on_one_table_says_nothing_of_another(lake):
    lake.create(FOLLOWS)
    lake.ledger.begin_write("silver.users", "token", base_version=-1)
    with lake.locked(FOLLOWS):
        assert len(lake.ledger.open_writes("silver.users")) == 1


def test_upkeep_after_a_kill_settles_the_intent_before_it_moves_the_version(lake):
    from emberlake.lake.upkeep import optimize

    lake.create(FOLLOWS)
    for follower in (2, 3, 4):
        add_follow(lake, follower)
    lake.ledger.begin_write(FOLLOWS, "token", base_version=3)
    optimize(lake, [FOLLOWS])
    assert lake.version(FOLLOWS) == 4
    assert not lake.ledger.written(FOLLOWS, "token"), "the compaction was taken for the killed write"


def test_a_commit_that_comes_after_the_writer_was_killed_is_not_missed(lake):
    """Spark's JVM outlives a killed Python for a moment, and may commit in it."""
    lake.create(FOLLOWS)
    jvm = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    with patch.object(Lake, "committer", jvm.pid), pytest.raises(KeyboardInterrupt), intent(lake, FOLLOWS, "token"):
        raise KeyboardInterrupt  # as near to a kill as this process gets: the intent has no end

    def commit_and_die() -> None:
        time.sleep(0.5)
        add_follow(lake, 2)
        jvm.kill()
        jvm.wait()

    dying = threading.Thread(target=commit_and_die)
    dying.start()
    with lake.locked(FOLLOWS):
        assert lake.ledger.written(FOLLOWS, "token"), "the intent was dropped while its commit was on its way"
    dying.join()


def test_a_writer_that_neither_ends_nor_is_ours_is_told_of(lake, monkeypatch):
    monkeypatch.setattr(intents, "PATIENCE", 0.2)
    jvm = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    lake.create(FOLLOWS)
    with patch.object(Lake, "committer", jvm.pid), pytest.raises(KeyboardInterrupt), intent(lake, FOLLOWS, "token"):
        raise KeyboardInterrupt
    with pytest.raises(LakeBusy, match=f"still being written by process {jvm.pid}"), lake.locked(FOLLOWS):
        pytest.fail("locked")
    jvm.kill()
    jvm.wait()
    with lake.locked(FOLLOWS):
        assert lake.ledger.open_writes(FOLLOWS) == []


def test_an_error_of_the_engine_settles_its_intent_at_once(lake):
    lake.create(FOLLOWS)
    with pytest.raises(ZeroDivisionError), intent(lake, FOLLOWS, "failed"):
        _ = 1 / 0
    with pytest.raises(ZeroDivisionError), intent(lake, FOLLOWS, "failed after its commit"):
        add_follow(lake, 2)
        _ = 1 / 0
    assert lake.ledger.open_writes(FOLLOWS) == []
    assert not lake.ledger.written(FOLLOWS, "failed") and lake.ledger.written(FOLLOWS, "failed after its commit")


# Loads
def test_a_load_recorded_twice_stays_as_it_was(ledger):
    ledger.record_loads([load("a", rows=10)])
    ledger.record_loads([load("a", rows=99), load("b")])
    assert ledger.rows_read(["a", "b", "c"]) == {"a": 10, "b": 10}
    assert ledger.load_ids("orders") == {"a", "b"} and ledger.load_ids("users") == set()


def test_files_are_known_by_path_size_and_time_as_loads_and_as_copies(ledger):
    ledger.record_loads([load("a")])
    ledger.record_copy("/in/copy.csv", 1, 3, "d-a", "a")
    assert ledger.known_files() == {("/in/a.csv", 1, 2): "d-a", ("/in/copy.csv", 1, 3): "d-a"}


def test_the_loads_tell_what_became_of_their_rows(ledger):
    ledger.record_loads([load("a", notes="no column for coupon"), load("b")])
    ledger.record_outcomes([("a", 6, 1)], [("a", "duplicate", 1), ("a", "user_known", 2)])
    first, second = ledger.loads()
    assert {name: first[name] for name in ("read", "accepted", "deleted", "refused", "refused_by_rule", "notes")} == {
        "read": 10, "accepted": 6, "deleted": 1, "refused": 3,
        "refused_by_rule": {"user_known": 2, "duplicate": 1}, "notes": "no column for coupon",
    }  # fmt: skip
    assert second["accepted"] is None and second["refused"] == 0
    assert ledger.unrefined("orders") == ["b"]


def test_an_outcome_recorded_again_replaces_the_first(ledger):
    ledger.record_loads([load("a")])
    ledger.record_outcomes([("a", 9, 0)], [("a", "duplicate", 1)])
    ledger.record_outcomes([("a", 8, 0)], [("a", "user_known", 2)])
    assert ledger.loads()[0]["refused_by_rule"] == {"user_known": 2}


def test_a_batch_is_open_until_it_has_its_outcome(ledger):
    assert ledger.open_batch() is None
    ledger.record_loads([load("a"), load("b")])
    ledger.begin_batch("orders", ["a", "b"])
    assert ledger.open_batch() == ("orders", ["a", "b"])
    # A file that came after the kill is not of that batch.
    ledger.record_loads([load("c")])
    assert ledger.open_batch() == ("orders", ["a", "b"])
    ledger.record_outcomes([("a", 10, 0), ("b", 10, 0)], [])
    assert ledger.open_batch() is None


def test_a_transaction_that_fails_records_nothing(ledger):
    ledger.record_loads([load("a")])
    with pytest.raises(sqlite3.Error):
        ledger.record_outcomes([("a", 9, 0)], [("a", "duplicate", None)])
    assert ledger.loads()[0]["accepted"] is None


# Builds
def test_a_build_takes_up_what_was_refined_before_it(ledger):
    ledger.record_loads([load("a"), load("b", "users"), load("c")])
    ledger.record_outcomes([("a", 10, 0)], [])
    ledger.record_build("gold", {"silver.orders": 1})
    built = ledger.last_build("gold")
    assert built.versions == {"silver.orders": 1}
    assert ledger.refined_since(built.sequence) == ({}, False)
    ledger.record_outcomes([("b", 10, 0), ("c", 9, 1)], [])
    assert ledger.refined_since(built.sequence) == ({"users": ["b"], "orders": ["c"]}, True)
    ledger.renew_build("gold", {"silver.orders": 2})
    assert ledger.last_build("gold").sequence == built.sequence
    assert ledger.last_build("reports") is None


@pytest.mark.parametrize(
    ("when", "version"),
    [
        ("2026-03-01T10:00:00", 0),
        ("2026-03-01T23:29:59", 0),
        ("2026-03-01", 1),
        ("2026-03-04", 1),
        ("2026-03-02T01:00:00+02:00", 0),
        ("2026-03-02T01:30:00+02:00", 1),
        ("2030-01-01", 2),
    ],
)
def test_a_moment_finds_the_newest_build_up_to_then_and_a_day_means_its_end(ledger, tmp_path, when, version):
    for number, at in enumerate(BUILT):
        ledger.record_build("gold", {"gold.daily_sales": number})
        with sqlite3.connect(tmp_path / "state" / "ledger.sqlite") as db:
            db.execute("UPDATE builds SET built_at = ? WHERE id = (SELECT max(id) FROM builds)", (at,))
    assert ledger.versions_as_of(when) == {"gold.daily_sales": version}


def test_a_moment_before_all_builds_is_told_so(ledger):
    with pytest.raises(LakeError, match="There is no build up to 2020-01-01. Nothing was built yet"):
        ledger.versions_as_of("2020-01-01")
    ledger.record_build("gold", {})
    with pytest.raises(LakeError, match="There is no build up to 2020-01-01. The first build was at 20"):
        ledger.versions_as_of("2020-01-01")
    with pytest.raises(LakeError, match="'yesterday' is not a date or time. Write it as 2026-03-01"):
        ledger.versions_as_of("yesterday")


# The file itself
def test_many_writers_at_once_lose_nothing(tmp_path):
    def write(number: int) -> None:
        own = Ledger(tmp_path / "ledger.sqlite")
        for each in range(20):
            own.record_loads([load(f"{number}-{each}")])
            own.end_write(own.begin_write("silver.orders", f"{number}-{each}", 0), 1)
        own.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    end = Ledger(tmp_path / "ledger.sqlite")
    assert len(end.load_ids()) == 120
    assert all(end.written("silver.orders", f"{n}-{each}") for n in range(6) for each in range(20))
    end.close()


def test_a_file_that_is_no_ledger_is_a_sentence(tmp_path):
    (tmp_path / "ledger.sqlite").write_bytes(b"no database at all, but long enough to look like one" * 40)
    with pytest.raises(LakeError, match=r"The ledger .*ledger\.sqlite cannot be opened: .*not a database"):
        Ledger(tmp_path / "ledger.sqlite")
    (tmp_path / "file").write_text("")
    with pytest.raises(LakeError, match="cannot be opened"):
        Ledger(tmp_path / "file" / "ledger.sqlite")


def test_without_a_ledger_everything_is_pending_and_nothing_is_made(tmp_path):
    assert pending(read_settings(root=tmp_path)) == ["bronze", "silver", "gold"]
    assert list(tmp_path.iterdir()) == []
