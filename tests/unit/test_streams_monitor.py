"""What streams say about themselves: figures out of Spark's reports, alerts that do not flutter, and the screen."""

from __future__ import annotations

import io
import json
import time
import urllib.request
from dataclasses import replace

import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from emberlake.cli.live import duration, number, spark, status_screen
from emberlake.errors import SettingsError
from emberlake.lake.ledger import Ledger, Load
from emberlake.lake.refusals import refused_share
from emberlake.settings import read_settings
from emberlake.streams.monitor import History, open_alerts, read_thresholds
from emberlake.streams.monitor.alerts import Alarm, Alerts
from emberlake.streams.monitor.endpoint import serve
from emberlake.streams.monitor.figures import Figures
from emberlake.streams.monitor.history import Extra
from emberlake.streams.monitor.progress import read_progress
from emberlake.streams.running import Book
from emberlake.streams.running.book import Entry

# As Spark 4.2 wrote it for a query over a topic with a window, shortened.
REPORT = {
    "id": "i", "runId": "r1", "name": "landing", "timestamp": "2026-03-01T10:00:00.000Z", "batchId": 7,
    "batchDuration": 1500, "numInputRows": 300, "durationMs": {"addBatch": 1200, "triggerExecution": 1500},
    "eventTime": {"max": "2025-06-01T12:00:30.000Z", "watermark": "2025-06-01T12:00:00.000Z"},
    "stateOperators": [
        {"operatorName": "stateStoreSave", "numRowsTotal": 40, "memoryUsedBytes": 1000,
         "numRowsDroppedByWatermark": 2, "customMetrics": {"rocksdbSstFileSize": 500, "rocksdbTotalBytesWritten": 9}},
        {"operatorName": "dedupe", "numRowsTotal": 2, "memoryUsedBytes": 24, "numRowsDroppedByWatermark": 1},
    ],
    "sources": [
        {"description": "KafkaV2[Subscribe[orders]]", "startOffset": {"orders": {"0": 100, "1": 50}},
         "endOffset": {"orders": {"0": 300, "1": 150}}, "latestOffset": {"orders": {"0": 350, "1": 150}},
         "numInputRows": 300, "inputRowsPerSecond": 100.5, "processedRowsPerSecond": 200.0, "metrics": {}}
    ],
    "sink": {"description": "x", "numOutputRows": -1},
}  # fmt: skip


def progress(**more):
    return read_progress(json.dumps({**REPORT, **more}))


@pytest.fixture
def book(tmp_path):
    return Book(read_settings(root=tmp_path))


def test_a_report_becomes_figures_with_units():
    got = progress()
    assert (got.stream, got.batch, got.rows, got.seconds) == ("landing", 7, 300, 1.5)
    assert (got.input_rate, got.rate) == (100.5, 200.0)
    assert (got.state_rows, got.state_bytes, got.dropped) == (42, 1524, 3)
    assert (got.watermark_delay, got.at) == (30.0, 1772359200.0)
    assert got.planned_lag == {("orders", 0): 50, ("orders", 1): 0}


def test_a_report_without_kafka_watermark_or_rates_is_read_too():
    source = {"description": "RateStream", "startOffset": 1, "endOffset": 2, "numInputRows": 5}
    got = progress(sources=[source], eventTime={}, stateOperators=[], durationMs={})
    assert (got.rows, got.input_rate, got.watermark, got.ends, got.seconds) == (5, None, None, {}, 1.5)


def test_before_the_first_event_there_is_no_watermark():
    assert progress(eventTime={"watermark": "1970-01-01T00:00:00.000Z"}).watermark is None


# Alarms
def raised_at(alarm, values):
    states = []
    for value in values:
        alarm.look(value)
        states.append(alarm.raised)
    return states


def test_an_alarm_takes_three_looks_in_a_row_to_be_raised():
    assert raised_at(Alarm(10), [10, 11, 9, 10, 10, 10]) == [False, False, False, False, False, True]


def test_it_is_cleared_only_well_below_the_threshold_and_after_three_looks():
    alarm = Alarm(10)
    raised_at(alarm, [10, 10, 10])
    assert raised_at(alarm, [9, 8, 9, 7, 7, 8, 7, 7, 7]) == [True] * 8 + [False]


def test_what_cannot_be_judged_changes_nothing():
    alarm = Alarm(10)
    assert [alarm.look(value) for value in (10, None, 10, None, 10)] == [None, None, None, None, True]
    assert [Alarm(0).look(99) for _ in range(5)] == [None] * 5


@given(st.lists(st.floats(0, 20), max_size=80))
def test_a_value_between_the_two_lines_never_changes_the_state(values):
    alarm = Alarm(10)
    for value in values:
        before = alarm.raised
        alarm.look(value)
        assert alarm.raised == before or (value >= 10 if alarm.raised else value < 8)


def test_an_alert_is_recorded_once_with_the_worst_value_and_its_end(book):
    alerts = Alerts(book, read_thresholds("lag=100"))
    for lag in (500, 500, 500, 900, 700):
        alerts.look("scores", "lag", float(lag))
    (alert,) = open_alerts(book)
    assert (alert.value, alert.threshold, alert.cleared_at) == (900.0, 100.0, None)
    assert alert.sentence == "Messages of its topics that it has not read yet: 900 messages; the threshold is 100."
    for _ in range(3):
        alerts.look("scores", "lag", 3.0)
    assert open_alerts(book) == [] and len(open_alerts(book, every=True)) == 1
    assert [happening.kind for happening in book.happenings("scores")] == ["raised", "cleared"]


def test_thresholds_are_given_by_name_and_others_keep_their_defaults():
    assert read_thresholds("") | {"lag": 5.0, "batch": 0.0} == read_thresholds("lag=5, batch=0")
    for wrong in ("lags=5", "lag=many", "lag"):
        with pytest.raises(SettingsError, match="stream_alerts"):
            read_thresholds(wrong)


# Figures
def test_lag_is_what_lies_between_the_position_and_the_end():
    figures = Figures("landing", realtime=False)
    figures.take(progress())
    assert figures.lag == {("orders", 0): 50, ("orders", 1): 0}
    figures.ends |= {("orders", 0): 400, ("orders", 2): 9}
    assert figures.lag == {("orders", 0): 100, ("orders", 1): 0}


def test_a_stream_that_has_read_all_is_not_silent(monkeypatch):
    figures = Figures("landing", realtime=False, trigger=10.0)
    figures.take(progress())
    now = time.monotonic()
    monkeypatch.setattr("emberlake.streams.monitor.figures.time.monotonic", lambda: now + 100)
    assert figures.silence == pytest.approx(90, abs=1)
    figures.moved({("orders", 0): 350})
    monkeypatch.setattr("emberlake.streams.monitor.figures.time.monotonic", lambda: now + 500)
    assert figures.silence == 0.0


def test_a_batch_is_held_against_its_trigger_once():
    figures = Figures("landing", realtime=False, trigger=0.5)
    figures.take(progress())
    assert (figures.new_batch_share(), figures.new_batch_share()) == (3.0, None)


def test_figures_go_to_the_lake_once_and_in_files_of_many(book, tmp_path):
    settings = read_settings(root=tmp_path)
    history = History(book)
    for batch in range(5):
        history.keep(replace(progress(), batch=batch), Extra({("orders", 0): batch}, 0.5, 0.9))
    assert history.export(settings, "landing") == 5
    assert history.export(settings, "landing") == 0
    # As after a kill between the commit and its note: the same rows are asked for again.
    book.query("DELETE FROM exported")
    history.export(settings, "landing")
    rows = DeltaTable(settings.lake / "gold" / "stream_progress").to_pyarrow_table().to_pylist()
    assert sorted(row["batch"] for row in rows) == [0, 1, 2, 3, 4]
    assert {row["lag_by_partition"] for row in rows if row["batch"] == 3} == {'{"orders/0": 3}'}
    history.keep(replace(progress(), batch=5), Extra({}))
    history.forget(before=time.time())
    assert [row["batch"] for row in history.recent("landing")] == [5]


def test_the_share_in_quarantine_is_that_of_a_topics_refined_loads(tmp_path):
    settings = read_settings(root=tmp_path)
    orders = "kafka:emberlake.orders"
    assert refused_share(settings, orders, "2026") is None
    ledger = Ledger(settings.state / "ledger.sqlite")
    assert refused_share(settings, orders, "2026") is None
    ledger.record_loads(
        Load(load, "orders", feed, load, 0, 0, "", 100, "") for load, feed in
        (("a", orders), ("b", orders), ("not refined yet", orders), ("of another", "my-orders"))
    )  # fmt: skip
    ledger.record_outcomes([("a", 90, 0), ("b", 100, 0), ("of another", 0, 0)], [("a", "late", 10)])
    assert refused_share(settings, orders, "2026") == 0.05
    assert refused_share(settings, orders, "9999") is None
    ledger.close()


# Prometheus
def scraped(address):
    text = urllib.request.urlopen(address, timeout=10).read().decode()
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_prometheus_reads_every_figure_with_its_labels():
    figures = Figures("landing", realtime=False)
    figures.take(progress())
    figures.latencies.add(2.0)
    newest = {"landing": {**figures.to_dict(), "up": True, "restarts": 4, "alerts": {"lag": True, "batch": False}}}
    with serve(29_464, lambda: newest) as address, serve(29_464, lambda: newest) as second:
        assert address.startswith("http://127.0.0.1:") and address != second
        got = scraped(address)
    query = ("query", "landing")
    assert got["emberlake_stream_up", query] == 1
    assert got["emberlake_stream_input_rows_total", query] == 300
    assert got["emberlake_stream_restarts_total", query] == 4
    assert got["emberlake_stream_batch_duration_seconds", query] == 1.5
    assert got["emberlake_stream_lag_messages", ("partition", "0"), query, ("topic", "orders")] == 50
    assert got["emberlake_stream_latency_seconds", ("quantile", "0.99"), query] == 2.0
    assert got["emberlake_stream_alert", ("alert", "lag"), query] == 1


def test_port_0_is_no_endpoint():
    with serve(0, dict) as address:
        assert address == ""


# The screen
def stream(name="land_orders", state="running", **more):
    entry = Entry(name, "running", 0.0, 4711, "x", jvm=4712, shares=[name, "scores"], log="/root/logs/stream.log")
    figures = Figures(name, realtime=False)
    figures.take(replace(progress(), rate=123_456.0))
    figures.latencies.add(0.0421)
    return {**vars(entry), "state": state, "seconds": 754.0, "alerts": [], "figures": figures.to_dict(), **more}


def shown(streams, width=80, recent=None):
    console = Console(file=io.StringIO(), width=width, no_color=True)
    console.print(status_screen(streams, recent or {}))
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
