"""Real queries as processes: one JVM for five of them, watched, restarted, stopped, and killed where it hangs."""

from __future__ import annotations

import os
import signal
import time
import urllib.request

import pytest
from deltalake import DeltaTable

from emberlake.settings import read_settings
from emberlake.streams.monitor import History, open_alerts
from emberlake.streams.running import Book, start_streams, stop_streams, survey
from emberlake.streams.running.job import Job

NAMES = ("ticking", "hanging", "failing", "refusing", "changing")


def until(condition, seconds=120.0):
    deadline = time.monotonic() + seconds
    while not (got := condition()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
    return got


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    root = tmp_path_factory.mktemp("streams")
    # Each batch here takes longer than its trigger of half a second allows.
    return read_settings(root=root, driver_memory="1g", metrics_port=19_464, stream_alerts="batch=0.0001")


@pytest.fixture(scope="module")
def process(settings):
    mark = settings.root / "mark"
    mark.write_text("version 1")
    job = Job(settings, (), registry="tests.small_streams:small_streams", patience={"failures": 3}, stop_seconds=3.0)
    entries = start_streams(settings, NAMES, {"mark": str(mark)}, job=job)
    yield entries[0]
    stop_streams(settings, NAMES, ask=5)


def state(settings, name):
    return survey(settings)[name].state


def test_all_of_them_run_in_one_process_with_one_jvm(settings, process):
    assert process.shares == list(NAMES) and process.java.alive()
    assert {entry.pid for entry in Book(settings).entries().values()} == {process.pid}
    assert state(settings, "ticking") == "running"


def test_what_spark_reports_is_kept_and_served(settings, process):
    rows = until(lambda: [row for row in History(Book(settings)).recent("ticking") if row["state_rows"]])
    assert all(row["rows"] >= 0 and row["seconds"] > 0 and row["dropped"] == 0 for row in rows)
    until(lambda: History(Book(settings)).looks()["ticking"]["watermark"])
    figures = urllib.request.urlopen(process.metrics, timeout=10).read().decode()
    assert 'emberlake_stream_up{query="ticking"} 1.0' in figures
    assert 'emberlake_stream_trigger_interval_seconds{query="ticking"} 0.5' in figures
    assert 'emberlake_stream_watermark_timestamp_seconds{query="ticking"}' in figures


def test_an_alert_is_raised_and_goes_when_the_stream_is_stopped(settings, process):
    until(lambda: [a for a in open_alerts(Book(settings), "ticking") if a.alert == "batch"])
    assert stop_streams(settings, ["ticking"])[0].how == "stopped"
    until(lambda: not open_alerts(Book(settings), "ticking"))
    assert process.process.alive()


def test_its_figures_are_then_in_the_lake_each_batch_once(settings, process):
    table = settings.lake / "gold" / "stream_progress"

    def in_the_lake():
        told = DeltaTable(table).to_pyarrow_table().to_pylist() if DeltaTable.is_deltatable(str(table)) else []
        return sorted((row["run_id"], row["batch"]) for row in told if row["stream"] == "ticking")

    def in_the_book():
        return sorted((row["run_id"], row["batch"]) for row in History(Book(settings)).recent("ticking", 1_000))

    # Spark may report the last batch a moment after the query has ended, so both are read anew each time.
    until(lambda: in_the_book() and in_the_lake() == in_the_book())
    assert len(in_the_lake()) == len(set(in_the_lake()))


def test_what_python_raises_inside_spark_is_told_in_its_own_words(settings, process):
    until(lambda: state(settings, "refusing") == "failed")
    entry = Book(settings).entry("refusing")
    assert entry.cause == "The checkpoint was changed by another process."
    assert (entry.hint, entry.restarts) == ("Look who writes it.", 0)
    until(lambda: state(settings, "failing") == "failed")
    entry = Book(settings).entry("failing")
    assert (entry.cause, entry.restarts) == ("ValueError: the shelf is empty", 2)


def test_a_change_starts_the_query_again_from_its_checkpoint(settings, process):
    last = until(lambda: History(Book(settings)).recent("changing"))[-1]
    (settings.root / "mark").write_text("version 2")
    until(lambda: Book(settings).entry("changing").restarts == 1)
    rows = until(lambda: [r for r in History(Book(settings)).recent("changing") if r["run_id"] != last["run_id"]])
    assert rows[0]["batch"] > last["batch"]


def test_a_query_that_hangs_in_our_python_ends_with_its_jvm_and_the_others_go_on(settings, process):
    assert state(settings, "hanging") == "running"
    assert stop_streams(settings, ["hanging"])[0].how == "stopped"
    again = until(lambda: (e := Book(settings).entry("changing")).jvm != process.jvm and e.state == "running" and e)
    assert again.pid == process.pid and not process.java.alive()


def test_a_jvm_that_is_suspended_is_killed(settings, process):
    entry = Book(settings).entry("changing")
    os.kill(entry.jvm, signal.SIGSTOP)
    until(lambda: state(settings, "changing") == "frozen")
    (stop,) = stop_streams(settings, ["changing"], ask=2, term=1)
    assert stop.how == "killed"
    assert not entry.process.alive() and not entry.java.alive()
