"""The figures for Prometheus, on the loopback interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from emberlake.errors import StreamError

if TYPE_CHECKING:
    from prometheus_client.core import Metric

HOST = "127.0.0.1"
# Each process of streams has a port; so many are tried from the first on.
_PORTS = 30

# Figure, metric, what it is. Names, base units and suffixes follow prometheus.io/docs/practices/naming.
_GAUGES = (
    ("up", "up", "1 while the query runs, 0 while it waits to be started again or was given up"),
    ("input_rate", "input_rows_per_second", "rows that arrived a second before the last batch"),
    ("rate", "processed_rows_per_second", "rows that the last batch processed a second"),
    ("batch_seconds", "batch_duration_seconds", "how long the last batch took"),
    ("trigger_seconds", "trigger_interval_seconds", "how often a batch is asked for"),
    ("state_rows", "state_rows", "rows in the query's state"),
    ("state_bytes", "state_bytes", "bytes of the query's state, in memory and on disk"),
    ("watermark", "watermark_timestamp_seconds", "event time before which nothing is waited for"),
    ("watermark_delay", "watermark_delay_seconds", "by how much the watermark is behind the newest event"),
    ("outstanding_bytes", "outstanding_bytes", "bytes of a table that it reads and has not read yet"),
    ("quarantine_share", "quarantine_ratio", "share of its latest rows that went to quarantine"),
    ("waiting_rows", "waiting_rows", "rows that landed and wait in bronze for another topic"),
    ("waiting_seconds", "waiting_seconds", "how long the oldest of them has waited"),
    ("silence", "silence_seconds", "seconds without progress though there is something to do"),
)
_COUNTERS = (
    ("rows", "input_rows", "rows read since the process began"),
    ("batches", "batches", "batches since the process began"),
    ("dropped", "dropped_rows", "rows dropped by a watermark since the process began"),
    ("restarts", "restarts", "restarts of the query since the process began"),
)
_PREFIX = "emberlake_stream_"


class Collector:
    """What Prometheus collects: made from the newest figures each time it asks.

    Args:
        newest: gives stream to its figures, with `up`, `restarts` and `alerts` (name to whether it is raised).
    """

    def __init__(self, newest: Callable[[], dict[str, dict[str, Any]]]) -> None:
        self.newest = newest

    def collect(self) -> Iterator[Metric]:
        """All metrics."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        streams = self.newest()
        for family, lines in ((GaugeMetricFamily, _GAUGES), (CounterMetricFamily, _COUNTERS)):
            for figure, name, meaning in lines:
                metric = family(_PREFIX + name, meaning, labels=["query"])
                for query, figures in streams.items():
                    if figures.get(figure) is not None:
                        metric.add_metric([query], float(figures[figure]))
                yield metric
        lag = GaugeMetricFamily(
            _PREFIX + "lag_messages", "messages that are there and not read", labels=["query", "topic", "partition"]
        )
        latency = GaugeMetricFamily(
            _PREFIX + "latency_seconds",
            "from message to result, in the last five minutes",
            labels=["query", "quantile"],
        )
        alerts = GaugeMetricFamily(_PREFIX + "alert", "1 while the alert is raised", labels=["query", "alert"])
        for query, figures in streams.items():
            for place, count in figures.get("lag_by_partition", {}).items():
                topic, _, number = place.rpartition("/")
                lag.add_metric([query, topic, number], count)
            for quantile, figure in (("0.5", "latency_p50"), ("0.99", "latency_p99")):
                if figures.get(figure) is not None:
                    latency.add_metric([query, quantile], figures[figure])
            for name, raised in figures.get("alerts", {}).items():
                alerts.add_metric([query, name], float(raised))
        yield from (lag, latency, alerts)


@contextmanager
def serve(port: int, newest: Callable[[], dict[str, dict[str, Any]]]) -> Iterator[str]:
    """Answer Prometheus until the block ends; gives the address, empty for port 0.

    Raises:
        StreamError: if none of the ports is free.
    """
    if port == 0:
        yield ""
        return
    from prometheus_client import CollectorRegistry, start_http_server

    registry = CollectorRegistry()
    registry.register(Collector(newest))
    for number in range(port, min(port + _PORTS, 65_536)):
        try:
            server, thread = start_http_server(number, HOST, registry)
            break
        except OSError:
            continue
    else:
        raise StreamError(
            f"No port from {port} to {port + _PORTS - 1} is free for Prometheus.",
            "Give another first one with --metrics-port, or 0 for none.",
        )
    try:
        yield f"http://{HOST}:{number}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
