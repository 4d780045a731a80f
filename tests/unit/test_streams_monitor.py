"""What streams say about themselves: figures out of Spark's reports, alerts that do not flutter, and the screen."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import replace

import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from emberlake.errors import SettingsError
from emberlake.lake.landings import Landings
from emberlake.lake.ledger import Ledger, Load
from emberlake.lake.refusals import refused_share
from emberlake.lake.waiting import waiting
from emberlake.settings import read_settings
from emberlake.streams.monitor import History, Monitor, open_alerts, read_thresholds
from emberlake.streams.monitor.alerts import LOOKS, Alarm, Alerts
from emberlake.streams.monitor.endpoint import serve
from emberlake.streams.monitor.figures import Figures
from emberlake.streams.monitor.history import Extra
from emberlake.streams.monitor.progress import read_progress
from emberlake.streams.running import Book
from emberlake.streams.running.book import Entry
from emberlake.streams.running.workplace import Workplace
from emberlake.streams.stream import Stream

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


def test_rows_that_wait_for_another_topic_are_told_and_are_an_alert(tmp_path, book):
    settings = read_settings(root=tmp_path / "lake", metrics_port=0, stream_alerts="waiting=0.000001")
    clicks, orders = "emberlake.clicks", "emberlake.orders"
    assert waiting(settings) == []
    with Landings(settings):
        # The ledger is begun by whoever comes first, and has not all of its tables then.
        assert waiting(settings) == []
    with Landings(settings) as landings, closing_ledger(settings) as ledger:
        landings.end(landings.begin(orders, "o", {0: 0}, {0: 5}, dt.timedelta(minutes=10)), None, 0)
        landings.wait(["c1", "c2"], orders, {0: 9})
        ledger.record_loads(
            [
                Load(name, "events", f"kafka:{clicks}", name, 0, 0, "", rows, "")
                for name, rows in (("c1", 30), ("c2", 12))
            ]
        )
        (one,) = waiting(settings)
        assert (one.feed, one.topic, one.loads, one.rows) == (f"kafka:{clicks}", orders, 2, 42)
        assert one.seconds(dt.datetime.fromisoformat(one.since) + dt.timedelta(minutes=7)) == 420
        lander = Stream("land_clicks", "", (clicks,), ("bronze.events",), lambda running: None)
        monitor = Monitor(settings, [lander], Workplace(None, None), book)
        book.begin(Entry("land_clicks", "running", time.time(), 1, "x"))
        monitor._ask_ledger()
        for _ in range(LOOKS):
            monitor._judge()
        (alert,) = open_alerts(book)
        assert (alert.alert, monitor.newest()["land_clicks"]["waiting_rows"]) == ("waiting", 42)
        # The orders have landed, and nothing waits any more.
        landings.end(landings.begin(orders, "o", {0: 5}, {0: 9}, dt.timedelta(minutes=10)), None, 0)
        assert waiting(settings) == []
        monitor._ledger_at = 0.0
        monitor._ask_ledger()
        for _ in range(LOOKS):
            monitor._judge()
        assert open_alerts(book) == []


def test_the_monitor_asks_the_ledger_by_itself(tmp_path, book, monkeypatch):
    asked = threading.Event()
    monkeypatch.setattr("emberlake.lake.waiting.waiting", lambda settings: asked.set() or [])
    settings = read_settings(root=tmp_path / "lake", metrics_port=0)
    lander = Stream("land_clicks", "", (), ("bronze.events",), lambda running: None)
    with Monitor(settings, [lander], Workplace(None, None), book):
        book.begin(Entry("land_clicks", "running", time.time(), 1, "x"))
        assert asked.wait(30)


@contextmanager
def closing_ledger(settings):
    ledger = Ledger(settings.state / "ledger.sqlite")
    yield ledger
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
