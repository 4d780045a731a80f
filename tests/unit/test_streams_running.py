"""Processes of streams: started when their queries run, one of a name, and ended whatever state they are in."""

from __future__ import annotations

import os
import signal
import threading
import time

import psutil
import pytest
from tests.moved_clock import MovedClock

from emberlake.errors import StreamError
from emberlake.settings import read_settings
from emberlake.streams.monitor import open_alerts
from emberlake.streams.running import Book, running_streams, start_streams, stop_streams, survey
from emberlake.streams.running.job import Job

STUBS = {"registry": "tests.stub_streams:stub_streams", "opener": "tests.stub_streams:open_nothing"}
PATIENCE = {"first": 0.05, "longest": 0.2, "failures": 4}


@pytest.fixture
def settings(tmp_path):
    settings = read_settings(root=tmp_path, metrics_port=0)
    yield settings
    for entry in Book(settings).entries().values():
        for one in (entry.process, entry.java):
            if one is not None:
                one.kill()


def start(settings, *names, options=None, **more):
    job = Job(settings, (), **{**STUBS, "patience": PATIENCE, "stop_seconds": 1.0, **more})
    return start_streams(settings, names, options, job=job, patience=60)


def stop(settings, *names, ask=30.0, term=0.5):
    return {each.name: each for each in stop_streams(settings, names, ask=ask, term=term)}


def until(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def state(settings, name):
    return survey(settings)[name].state


def gone(entry):
    return not entry.process.alive() and not (entry.java and entry.java.alive())


def test_a_stream_runs_until_it_is_stopped_in_good_order(settings):
    (entry,) = start(settings, "calm")
    assert entry.state == "running" and state(settings, "calm") == "running"
    assert running_streams(settings) == ["calm"]
    assert stop(settings, "calm")["calm"].how == "stopped"
    assert gone(entry) and state(settings, "calm") == "stopped" and running_streams(settings) == []


def test_a_second_one_is_refused_at_once_and_told_who_holds_it(settings):
    (entry,) = start(settings, "calm")
    with pytest.raises(StreamError, match=f"running already .process {entry.pid},"):
        start(settings, "calm")
    assert state(settings, "calm") == "running"


def test_streams_that_share_a_process_are_stopped_each_by_itself(settings):
    entries = start(settings, "calm", "other", options={"colour": "blue"})
    assert entries[0].pid == entries[1].pid and entries[1].options == {"colour": "blue"}
    assert stop(settings, "calm")["calm"].how == "stopped"
    assert (state(settings, "calm"), state(settings, "other")) == ("stopped", "running")
    assert entries[0].process.alive()
    stop(settings, "other")
    assert gone(entries[0])


def test_an_option_that_no_stream_takes_is_refused_before_anything_starts(settings):
    with pytest.raises(StreamError, match="take no option 'size'"):
        start(settings, "other", options={"size": "1"})
    assert Book(settings).entries() == {}


def test_one_that_cannot_start_ends_those_that_were_to_start_with_it(settings):
    (settings.root / "mark").touch()
    with pytest.raises(StreamError, match="Stream refusing did not start: The checkpoint is gone") as error:
        start(settings, "calm", "refusing")
    assert error.value.hint == "Restore it."
    until(lambda: running_streams(settings) == [])


def test_a_frozen_process_is_killed_with_its_jvm_and_its_companion_is_named(settings):
    entry, _ = start(settings, "calm", "other")
    os.kill(entry.pid, signal.SIGSTOP)
    until(lambda: state(settings, "calm") == "frozen")
    done = stop(settings, "calm", ask=0.5)["calm"]
    assert (done.how, done.orphans) == ("killed", ("other",))
    assert gone(entry) and (state(settings, "calm"), state(settings, "other")) == ("stopped", "stopped")


def test_a_query_that_does_not_stop_takes_its_process_along(settings):
    (entry,) = start(settings, "stuck")
    assert stop(settings, "stuck")["stuck"].how == "stopped"
    assert gone(entry) and state(settings, "stuck") == "stopped"


def test_beside_a_query_that_does_not_stop_the_others_go_on_in_a_new_jvm(settings):
    entry, _ = start(settings, "stuck", "calm")
    assert stop(settings, "stuck")["stuck"].orphans == ()
    until(lambda: (e := Book(settings).entry("calm")).state == "running" and e.jvm != entry.jvm)
    assert state(settings, "stuck") == "stopped" and not entry.java.alive()
    assert Book(settings).entry("calm").shares == ["calm"]


def test_what_waits_to_be_started_again_stops_at_once(settings):
    (entry,) = start(settings, "failing", patience={"first": 600.0, "longest": 600.0})
    (settings.root / "mark").touch()
    until(lambda: state(settings, "failing") == "waiting")
    assert Book(settings).entry("failing").cause == "ValueError: the shelf is empty"
    assert stop(settings, "failing")["failing"].how == "stopped" and gone(entry)


def test_a_process_that_was_killed_is_seen_and_its_jvm_ended_by_the_next_start(settings):
    (entry,) = start(settings, "calm")
    os.kill(entry.pid, signal.SIGKILL)
    # The system gives its lock back a moment after it is gone.
    until(lambda: state(settings, "calm") == "died")
    assert entry.java.alive() and running_streams(settings) == ["calm"]
    (again,) = start(settings, "calm")
    assert not entry.java.alive() and again.pid != entry.pid


def test_a_frozen_jvm_that_outlived_its_process_is_killed_by_stop(settings):
    (entry,) = start(settings, "calm")
    os.kill(entry.jvm, signal.SIGSTOP)
    os.kill(entry.pid, signal.SIGKILL)
    until(lambda: not entry.process.alive())
    assert stop(settings, "calm", ask=0.2)["calm"].how == "killed" and gone(entry)


def test_a_pid_that_is_somebody_elses_by_now_is_left_alone(settings):
    (entry,) = start(settings, "calm")
    stop(settings, "calm")
    Book(settings).change("calm", state="running", pid=os.getpid(), jvm=os.getpid())
    assert state(settings, "calm") == "died"
    assert stop(settings, "calm")["calm"].how == "was not running"
    assert psutil.pid_exists(os.getpid())


def test_a_stop_during_the_start_ends_it(settings):
    failed = []

    def begin():
        try:
            start(settings, "calm", opener="tests.stub_streams:open_for_ever")
        except StreamError as error:
            failed.append(error)

    starting = threading.Thread(target=begin)
    starting.start()
    until(lambda: (settings.root / "opening").exists())
    entry = Book(settings).entry("calm")
    assert stop(settings, "calm")["calm"].how == "stopped"
    starting.join(30)
    assert failed and gone(entry) and state(settings, "calm") == "stopped"


def test_sigterm_ends_in_good_order(settings):
    (entry,) = start(settings, "calm")
    os.kill(entry.pid, signal.SIGTERM)
    until(lambda: gone(entry))
    assert state(settings, "calm") == "stopped"


def test_what_fails_is_started_again_and_given_up_loudly_in_the_end(settings):
    (entry,) = start(settings, "failing", "calm")[:1]
    (settings.root / "mark").touch()
    until(lambda: state(settings, "failing") == "failed")
    now = Book(settings).entry("failing")
    assert (now.cause, now.restarts) == ("ValueError: the shelf is empty", 3)
    assert state(settings, "calm") == "running" and entry.process.alive()
    kinds = [happening.kind for happening in Book(settings).happenings("failing")]
    assert kinds.count("failed") == 4 and kinds[-1] == "given up"
    stop(settings, "calm")
    assert [alert.alert for alert in open_alerts(Book(settings))] == ["failed"]
    (settings.root / "mark").unlink()
    start(settings, "failing")
    assert open_alerts(Book(settings)) == []


def test_what_would_double_events_is_not_tried_again(settings):
    start(settings, "refusing")
    (settings.root / "mark").touch()
    until(lambda: state(settings, "refusing") == "failed")
    now = Book(settings).entry("refusing")
    assert (now.cause, now.hint, now.restarts) == ("The checkpoint is gone.", "Restore it.", 1)


def test_a_change_restarts_the_query_without_a_failure(settings, monkeypatch):
    (settings.root / "mark").write_text("version 1")
    start(settings, "changing")
    (settings.root / "mark").write_text("version 2")
    until(lambda: Book(settings).entry("changing").restarts == 1)
    until(lambda: state(settings, "changing") == "running")
    assert "failed" not in [happening.kind for happening in Book(settings).happenings("changing")]


def test_one_that_reads_to_the_end_of_its_source_has_finished(settings):
    start(settings, "calm", "short")
    until(lambda: state(settings, "short") == "finished")
    assert state(settings, "calm") == "running"


def test_a_clock_that_is_set_back_starts_the_query_again(settings, tmp_path, monkeypatch):
    clock = MovedClock(tmp_path)
    with monkeypatch.context() as patch:
        for name, value in clock.environment.items():
            patch.setenv(name, value)
        start(settings, "calm")
    for number, hours in enumerate((-5.0, -20.0), 1):
        clock.move(hours)
        until(lambda n=number: len(Book(settings).happenings("calm", 0, ("runs again",))) == n)
    again = Book(settings).happenings("calm", 0, ("restarted", "failed"))
    assert [each.kind for each in again] == ["restarted", "restarted"]
    assert "the clock was set back" in again[0].text and Book(settings).entry("calm").restarts == 2
    assert stop(settings, "calm")["calm"].how == "stopped"
