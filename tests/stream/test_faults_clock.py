"""The wall clock of a landing stream jumps by hours: what is late, in which order it lands, and that it goes on."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from tests.landed import click
from tests.landing_site import Landed, later
from tests.moved_clock import MovedClock

from emberlake.settings import read_settings
from emberlake.streams.events import CLICK
from emberlake.streams.running import Book, start_streams, stop_streams
from emberlake.streams.running.job import Job

PATIENCE = 240.0


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_clicks_land_once_and_on_time_whatever_the_clock_says(spark, connection, tmp_path, monkeypatch):
    clicks, clock = Landed(spark, connection, tmp_path / "root", CLICK), MovedClock(tmp_path)
    settings = read_settings(root=tmp_path / "root", kafka_bootstrap=connection.bootstrap, driver_memory="1g")
    now = dt.datetime.now(dt.UTC)
    with monkeypatch.context() as patch:
        for name, value in {**clock.environment, "EMBERLAKE_TEST_TOPIC": clicks.topic}.items():
            patch.setenv(name, value)
        job = Job(settings, (), registry="tests.landing_streams:landing_streams")
        (entry,) = start_streams(settings, ["land_clicks"], {"trigger": "1 second", "refine": "never"}, job=job)
    assert {child_clock(pid, clock) for pid in (entry.pid, entry.jvm)} == {True}
    try:
        landed = 0
        for hours in (0.0, 7.0, -13.0, -6.0):
            clock.move(hours)
            clicks.write(*[click(n, later(n)) for n in range(landed, landed + 40)])
            landed += 40
            await_rows(clicks, landed, f"clock moved by {hours:+.0f} h")
        # Half a day ahead of the broker's clock is on time; by this stream's own it would be more than a day.
        clock.move(-13.0)
        clicks.write(click(landed, now + dt.timedelta(hours=12)))
        await_rows(clicks, landed + 1, "the last one")
    finally:
        stop_streams(settings, ["land_clicks"])
    assert clicks.table("quarantine.live_late") == []
    clicks.check()
    said = [row for row in Book(settings).happenings("land_clicks", 0, ("restarted",))]
    assert len(said) == 2, said


def child_clock(pid: int, clock: MovedClock) -> bool:
    """Whether the process has the moved clock loaded."""
    with open(f"/proc/{pid}/maps") as maps:
        return clock.environment["LD_PRELOAD"] in maps.read()


def await_rows(clicks: Landed, rows: int, when: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while (there := len(clicks.table("bronze.events"))) < rows:
        assert time.monotonic() < deadline, f"{there} of {rows} landed, {when}"
        time.sleep(0.2)
