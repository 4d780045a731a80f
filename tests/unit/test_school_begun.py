"""A worker that was begun early is taken once, begun for the right commands only, and ends with whoever began it."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from emberlake.school import begun


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["learn", "check"], 1),
        (["learn", "watch", "2.3", "--json"], 1),
        (["learn", "check", "--help"], 0),
        (["learn"], 0),
        (["learn", "list"], 0),
        (["up"], 0),
        ([], 0),
    ],
)
def test_only_a_command_that_checks_begins_one(words, wanted, monkeypatch):
    made = []
    monkeypatch.setattr(begun, "begin", lambda: made.append(1))
    begun.begin_for(words)
    assert len(made) == wanted


def test_it_is_taken_once(monkeypatch):
    monkeypatch.setattr(begun, "_ahead", None)
    monkeypatch.setattr(begun, "begin", iter(["first", "second"]).__next__)
    begun.begin_for(["learn", "check"])
    assert (begun.taken(), begun.taken()) == ("first", "second")


def test_one_that_is_not_needed_ends_when_its_parent_lets_go():
    child = begun.begin()
    try:
        assert psutil.Process(child.process.pid).is_running()
        child.process.stdin.close()
        assert child.process.wait(timeout=120) == -signal.SIGKILL
    finally:
        os.close(child.pipe)
        child.process.stdout.close()
        child.process.kill()
