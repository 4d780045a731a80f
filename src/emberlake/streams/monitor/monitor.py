"""The monitor of a process of streams: a listener, a look at the broker every few seconds, alerts, an endpoint."""

from __future__ import annotations

import datetime as dt
import logging
import queue
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from emberlake.settings import Settings
from emberlake.streams.monitor.alerts import Alerts
from emberlake.streams.monitor.broker import Broker
from emberlake.streams.monitor.endpoint import serve
from emberlake.streams.monitor.figures import Figures
from emberlake.streams.monitor.history import KEPT_SECONDS, Extra, History
from emberlake.streams.monitor.latency import sample_batch, sample_results
from emberlake.streams.monitor.listener import listen
from emberlake.streams.monitor.progress import Progress, read_progress
from emberlake.streams.monitor.thresholds import read_thresholds
from emberlake.streams.monitor.trigger import trigger_of
from emberlake.streams.stream import Stream
from emberlake.streams.topics import TOPICS

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery

    from emberlake.streams.running.book import Book
    from emberlake.streams.running.workplace import Workplace

LOG = logging.getLogger("emberlake.streams")
_TICK_SECONDS, _BROKER_SECONDS, _EXPORT_SECONDS = 1.0, 5.0, 600.0
_LEDGER_SECONDS = 15.0
_RESTARTS_WITHIN, _QUARANTINE_WITHIN = 900.0, 900.0


class Monitor:
    """Watches the queries of one process until it is left.

    Args:
        place: the session to listen to and the Kafka to ask.
        book: where figures and alerts are kept.
    """

    def __init__(self, settings: Settings, streams: Sequence[Stream], place: Workplace, book: Book) -> None:
        self.settings, self.place, self.book = settings, place, book
        self.streams = {stream.name: stream for stream in streams}
        self.figures = {s.name: Figures(s.name, s.trigger == "real-time") for s in streams}
        self.history = History(book)
        self.alerts = Alerts(book, read_thresholds(settings.stream_alerts))
        self.address = ""
        self._queries: dict[str, StreamingQuery] = {}
        self._triggers: set[str] = set()
        self._ended: set[str] = set()
        self._told: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._over = threading.Event()
        self._stack = ExitStack()
        self._broker: Broker | None = None
        self._broker_at = self._ledger_at = 0.0
        self._export_at = time.monotonic() + _EXPORT_SECONDS
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)

    def __enter__(self) -> Monitor:
        self.address = self._stack.enter_context(serve(self.settings.metrics_port, self.newest))
        for name in self.streams:
            self.book.change(name, metrics=self.address)
            self.alerts.begin(name)
        if self.place.session is not None:
            self._stack.callback(listen(self.place.session, self._told.put, self._idle))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(10)
        # The JVM may be gone, and what came last is still to be kept.
        for step in (self._stack.close, self._drain, self._last_words, self._export):
            _careful(step)

    def look(self, queries: dict[str, StreamingQuery]) -> None:
        """These run now."""
        self._queries = queries

    def newest(self) -> dict[str, dict[str, Any]]:
        """Stream to its figures at this moment."""
        entries = self.book.entries()
        found = {}
        for name, figures in self.figures.items():
            raised = self.alerts.raised(name)
            found[name] = {
                **figures.to_dict(),
                "up": name in entries and entries[name].state == "running",
                "restarts": entries[name].restarts if name in entries else 0,
                "alerts": {alert: alert in raised for alert in self.alerts.thresholds},
            }
        return found

    # The thread
    def _run(self) -> None:
        while not self._over.wait(_TICK_SECONDS):
            for step in (
                self._ask_queries,
                self._drain,
                self._ask_broker,
                self._ask_ledger,
                self._judge,
                self._note,
                self._export_sometimes,
            ):
                _careful(step)

    def _idle(self, run_id: str) -> None:
        for figures in self.figures.values():
            if figures.last and figures.last.run_id == run_id:
                figures.sign = time.monotonic()

    def _drain(self) -> None:
        newest: dict[str, Progress] = {}
        while True:
            try:
                progress = read_progress(self._told.get_nowait())
            except queue.Empty:
                break
            figures = self.figures.get(progress.stream)
            # Of one in real time all is known already, minute by minute.
            if figures is None or (figures.realtime and progress.stream in self._triggers):
                continue
            self._take(figures, progress)
            newest[progress.stream] = progress
        for name, progress in newest.items():
            if progress.ends and not self.figures[name].realtime and progress.rows:
                self._with_broker(lambda broker, p=progress, n=name: sample_batch(broker, p, self.figures[n].latencies))

    def _take(self, figures: Figures, progress: Progress) -> None:
        figures.take(progress)
        lag = {**progress.planned_lag, **figures.lag}
        p50, p99 = figures.latencies.quantile(0.5), figures.latencies.quantile(0.99)
        self.history.keep(progress, Extra(lag, p50, p99))

    def _ask_broker(self) -> None:
        if time.monotonic() < self._broker_at or not any(stream.topics for stream in self.streams.values()):
            return
        self._broker_at = time.monotonic() + _BROKER_SECONDS
        self._with_broker(self._positions)

    def _positions(self, broker: Broker) -> None:
        topics = {topic for stream in self.streams.values() for topic in stream.topics}
        ends = broker.ends(sorted(topics))
        for name, stream in self.streams.items():
            figures = self.figures[name]
            outputs = [topic for topic in stream.writes if topic in TOPICS]
            if figures.realtime and outputs and stream.topics and name in self._queries:
                # A real-time batch reports when it ends, an hour later: its output tells at once.
                figures.moved(sample_results(broker, stream.topics[0], outputs[0], figures.latencies))
            figures.ends |= {place: end for place, end in ends.items() if place[0] in stream.topics}
            if figures.realtime and name in self._queries:
                minute = figures.minute(str(self._queries[name].runId))
                if minute is not None:
                    self._take(figures, minute)

    def _with_broker(self, action: Any) -> None:
        from confluent_kafka import KafkaException

        try:
            self._broker = self._broker or Broker(self.place.connection)
            action(self._broker)
        except KafkaException as error:
            LOG.warning("the broker does not answer the monitor: %s", error.args[0] if error.args else error)

    def _judge(self) -> None:
        entries = self.book.entries()
        for name, figures in self.figures.items():
            entry = entries.get(name)
            if entry is None or entry.state in ("stopped", "finished"):
                self._over_for(name)
                continue
            self._ended.discard(name)
            runs = name in self._queries
            again = self.book.happenings(name, time.time() - _RESTARTS_WITHIN, ("runs again",))
            p99 = figures.latencies.quantile(0.99)
            lag = figures.lag
            self.alerts.look(name, "lag", float(sum(lag.values())) if lag else None)
            self.alerts.look(name, "batch", figures.new_batch_share())
            self.alerts.look(name, "silence", figures.silence if runs else None)
            self.alerts.look(name, "restarts", float(len(again)))
            self.alerts.look(name, "quarantine", figures.quarantine)
            self.alerts.look(name, "waiting", figures.waiting)
            self.alerts.look(name, "realtime" if figures.realtime else "latency", p99)

    def _ask_ledger(self) -> None:
        if time.monotonic() < self._ledger_at:
            return
        self._ledger_at = time.monotonic() + _LEDGER_SECONDS
        from emberlake.lake.refusals import refused_share
        from emberlake.lake.waiting import waiting

        waits = waiting(self.settings)
        since = (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=_QUARANTINE_WITHIN)).isoformat()
        for name, stream in self.streams.items():
            # Streams that land events; others refuse none.
            if any(table.startswith("bronze.") for table in stream.writes):
                shares = [refused_share(self.settings, f"kafka:{topic}", since) for topic in stream.topics]
                self.figures[name].quarantine = max((share for share in shares if share is not None), default=None)
                mine = [each for each in waits if each.feed in {f"kafka:{topic}" for topic in stream.topics}]
                self.figures[name].waiting_rows = sum(each.rows for each in mine)
                self.figures[name].waiting = max((each.seconds() for each in mine), default=0.0)

    def _over_for(self, name: str) -> None:
        """A stream ended while others of the process go on."""
        if name not in self._ended:
            self._ended.add(name)
            self.alerts.end(name)
            self.history.export(self.settings, name)

    def _ask_queries(self) -> None:
        for name, query in self._queries.items():
            if name not in self._triggers and (trigger := trigger_of(query)) is not None:
                self._triggers.add(name)
                self.figures[name].realtime, self.figures[name].trigger = trigger.realtime, trigger.seconds

    def _note(self) -> None:
        for name, newest in self.newest().items():
            self.history.look(name, newest)

    def _export_sometimes(self) -> None:
        if time.monotonic() > self._export_at:
            self._export_at = time.monotonic() + _EXPORT_SECONDS
            self._export()

    def _export(self) -> None:
        for name in self.streams:
            self.history.export(self.settings, name)
        self.history.forget(time.time() - KEPT_SECONDS)
        self.book.forget(time.time() - KEPT_SECONDS)

    def _last_words(self) -> None:
        if self._broker is not None:
            self._broker.close()
        entries = self.book.entries()
        for name in self.streams:
            if entries[name].state == "failed":
                self.alerts.raise_now(name, "failed")
            else:
                self.alerts.end(name)


def _careful(step: Any) -> None:
    """What looks on must not end what it looks at."""
    try:
        step()
    except Exception:
        LOG.warning("the monitor could not %s", getattr(step, "__name__", step), exc_info=True)
