"""A query in Real-Time Mode is counted by its results, because Spark tells of its batch when that ends."""

from __future__ import annotations

import time

from emberlake.streams.monitor.figures import Figures


def test_real_time_is_counted_by_its_results_minute_by_minute(monkeypatch):
    figures, now = Figures("scores", realtime=True), time.monotonic()

    def at(seconds, position, end, run="one"):
        monkeypatch.setattr("emberlake.streams.monitor.figures.time.monotonic", lambda: now + seconds)
        figures.moved({("orders", 0): position})
        figures.ends |= {("orders", 0): end}
        return figures.minute(run)

    assert at(0, 100, 100) is None and at(59, 650, 700) is None
    first = at(60, 700, 760)
    assert (first.batch, first.rows, first.rate, first.input_rate, first.seconds) == (0, 600, 10.0, 11.0, 60.0)
    assert (first.begins, first.ends, first.planned_lag) == (
        {("orders", 0): 100}, {("orders", 0): 700}, {("orders", 0): 60},
    )  # fmt: skip
    second = at(180, 1_900, 1_900)
    assert (second.batch, second.rows, second.rate) == (1, 1_200, 10.0)
    # A new start is another run, and what lies between the two is nobody's minute.
    assert at(400, 5_000, 5_000, "two") is None
    third = at(460, 5_060, 5_060, "two")
    assert (third.run_id, third.batch, third.rows) == ("two", 0, 60)


def test_a_query_that_hangs_is_silent_though_its_minutes_go_on(monkeypatch):
    figures, now = Figures("scores", realtime=True), time.monotonic()
    for seconds in (0, 60, 120, 180, 240):
        monkeypatch.setattr("emberlake.streams.monitor.figures.time.monotonic", lambda at=seconds: now + at)
        figures.moved({("orders", 0): 100})
        figures.ends |= {("orders", 0): 500}
        if minute := figures.minute("one"):
            figures.take(minute)
    assert figures.lag == {("orders", 0): 400} and figures.silence == 240
