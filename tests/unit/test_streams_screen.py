"""The screen of `stream status`: what it says, and that it fits."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console
from tests.unit.test_streams_monitor import progress

from emberlake.cli.live import duration, number, spark, status_screen
from emberlake.lake.waiting import Waiting
from emberlake.streams.monitor.figures import Figures
from emberlake.streams.running.book import Entry


def stream(name="land_orders", state="running", **more):
    entry = Entry(name, "running", 0.0, 4711, "x", jvm=4712, shares=[name, "scores"], log="/root/logs/stream.log")
    figures = Figures(name, realtime=False)
    figures.take(replace(progress(), rate=123_456.0))
    figures.latencies.add(0.0421)
    return {**vars(entry), "state": state, "seconds": 754.0, "alerts": [], "figures": figures.to_dict(), **more}


def shown(streams, width=80, recent=None, waits=()):
    console = Console(file=io.StringIO(), width=width, no_color=True)
    console.print(status_screen(streams, recent or {}, waits))
    return console.file.getvalue()


def test_the_screen_fits_80_columns_and_says_what_matters():
    text = shown([stream(), stream("revenue_by_minute", "failed", cause="The disk is full", hint="Make room.")])
    assert max(len(line.rstrip()) for line in text.splitlines()[:3]) <= 80
    line = next(line for line in text.splitlines() if line.startswith("land_orders"))
    assert line.split() == ["land_orders", "●", "running", "13", "min", "123", "k", "1.5", "s", "50", "42.1", "ms",
                            "42.1", "ms", "42"]  # fmt: skip
    assert "revenue_by_minute: The disk is full. Make room." in text


def test_alerts_stand_below_the_table():
    alert = {"sentence": "Messages that it has not read yet: 900.", "raised_at": 0.0}
    assert "! land_orders: Messages that it has not read yet: 900. Since 00:00:00 UTC." in shown(
        [stream(alerts=[alert])], 120
    )


def test_one_stream_alone_is_shown_with_its_partitions_and_its_process():
    text = shown([stream()], recent={"land_orders": [{"rate": 1.0}, {"rate": 8.0}]})
    assert "▂█" in text and "orders/0 50, orders/1 0" in text and "4711, JVM 4712, with scores" in text
    assert "2025-06-01 12:00:00 UTC" in text and "3 rows later than the watermark" in text


def test_where_nothing_was_started_the_screen_says_what_to_do():
    assert "emberlake stream list" in shown([])


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0.00042, "0.42 ms"), (0.042, "42 ms"), (1.5, "1.5 s"), (59, "59 s"), (150, "2.5 min"),
     (7199, "120 min"), (9000, "2.5 h"), (400_000, "5 d")],
)  # fmt: skip
def test_durations_are_told_in_a_fitting_unit(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "0"), (0.25, "0.2"), (99_999, "99,999"), (100_000, "100 k"), (2.5e6, "2.5 M")]
)
def test_numbers_are_short(value, text):
    assert number(value) == text


def test_a_spark_line_goes_from_nothing_to_the_highest():
    assert spark([0, 4, 8]) == "▁▅█" and spark([]) == "" and spark([0, 0]) == "▁▁"


def test_rows_that_wait_for_a_topic_are_told_with_what_to_do():
    waits = [Waiting("kafka:emberlake.clicks", "emberlake.orders", 2, 42, "2026-03-01T10:00:00.000+00:00")]
    said = shown([stream("land_clicks")], 240, waits=waits)
    assert "42 rows of emberlake.clicks wait in bronze for emberlake.orders, the oldest for" in said
    assert "emberlake stream start land_orders" in said
    assert "land_orders is behind" in shown([stream("land_orders"), stream("land_clicks")], 240, waits=waits)
