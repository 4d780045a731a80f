"""What a stream takes from the command line: names, numbers and durations, or a sentence that says what is accepted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from emberlake.engine.kafka import Connection
from emberlake.errors import StreamError
from emberlake.settings import read_settings
from emberlake.streams.interval import interval
from emberlake.streams.sources import messages
from emberlake.streams.stream import Running


class Writer:
    """Keeps what it is told."""

    def __init__(self):
        self.told = {}

    def option(self, name, value):
        self.told[name] = value
        return self

    def trigger(self, **how):
        self.told |= how
        return self


def running(tmp_path: Path, **options: str) -> Running:
    return Running(None, read_settings(root=tmp_path), Connection(""), tmp_path / "checkpoint", options)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30 seconds", 30), ("1 minute", 60), ("2 hours", 7200), ("500 milliseconds", 0.5)]
)
def test_a_duration_is_its_number_times_its_unit(text, seconds):
    assert interval(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "minute", "5", "-1 seconds", "1.5 seconds", "3 fortnights"])
def test_what_is_no_duration_is_told_with_the_option(text):
    with pytest.raises(StreamError, match=r"refine=.* is no duration\. Write it as '30 seconds'"):
        interval(text, "refine")


def test_a_time_in_ms_has_no_unit_and_an_end(tmp_path):
    assert running(tmp_path).milliseconds("linger", 0, 1000) == 0
    assert running(tmp_path, linger="1000").milliseconds("linger", 0, 1000) == 1000
    for given in ("1001", "-1", "5 ms", "0.5", ""):
        with pytest.raises(StreamError, match=r"linger='.*' is no time in ms\. Say 0 to 1,000, without a unit"):
            running(tmp_path, linger=given).milliseconds("linger", 0, 1000)


class Session:
    """A session whose reader gives back its options."""

    def __init__(self):
        self.readStream = self

    def format(self, name):
        return self

    def options(self, **told):
        self.told = told
        return self

    def load(self):
        return self.told


@pytest.mark.parametrize(("linger", "waits"), [(0, {}), (5, {"min.bytes": "65536", "max.wait.ms": "5"})])
def test_the_broker_waits_for_company_only_where_it_is_told_to(linger, waits):
    told = messages(Session(), Connection("127.0.0.1:1"), "orders", linger=linger)
    fetch = "kafka.fetch."
    assert {name.removeprefix(fetch): value for name, value in told.items() if name.startswith(fetch)} == waits


@pytest.mark.parametrize(
    ("options", "how"),
    [
        ({}, {"processingTime": "5 seconds"}),
        ({"trigger": "1 minute"}, {"processingTime": "1 minute"}),
        ({"trigger": "fast"}, {"processingTime": "0 seconds"}),
        ({"trigger": "once"}, {"availableNow": True}),
    ],
)
def test_a_query_is_triggered_as_it_is_told(tmp_path, options, how):
    writer = running(tmp_path, **options).triggered(Writer(), "5 seconds")
    assert writer.told == {"checkpointLocation": str(tmp_path / "checkpoint"), **how}


def test_options_that_are_not_accepted_are_told(tmp_path):
    with pytest.raises(StreamError, match=r"The stream visits has no option 'sped'\. It has: speed \(how fast\)\."):
        running(tmp_path, sped="2").accept("visits", {"speed": "how fast"})
    for wrong in ("0", "-3", "many", "1.5", "²"):
        with pytest.raises(StreamError, match="limit='.*' is no number of messages"):
            running(tmp_path, limit=wrong).number("limit", 7)
    assert (running(tmp_path).number("limit", 7), running(tmp_path, limit="12").number("limit", 7)) == (7, 12)
