"""What streams say about themselves."""

from __future__ import annotations

from emberlake.tables.definition import Column as C
from emberlake.tables.definition import Table
from emberlake.tables.definition import need as N

# The monitor: one row a batch of each stream.
MONITOR_TABLES = (
    Table(
        "stream_progress",
        "gold",
        "What each batch of each stream did, how far it was behind, and how long its results took.",
        (
            N("stream", "string", "The stream: see `emberlake stream list`."),
            N("run_id", "string", "Its query since its last start."),
            N("batch", "long", "Number of the batch; a batch that was done again after a fault comes twice."),
            N("at", "timestamp", "When the batch began.", "UTC"),
            N("rows", "long", "Rows that it read."),
            C("input_rate", "double", "Rows that arrived since the batch before.", "rows/s"),
            C("rate", "double", "Rows processed.", "rows/s"),
            N("seconds", "double", "How long it took.", "s"),
            N("state_rows", "long", "Rows in the query's state after it."),
            N("state_bytes", "long", "Size of that state, in memory and on disk.", "bytes"),
            N("dropped", "long", "Rows dropped by the query's watermark; lateness is decided before, so 0."),
            C("watermark", "timestamp", "Event time before which nothing is waited for.", "UTC"),
            C("watermark_delay", "double", "By how much it is behind the newest event of the batch.", "s"),
            C("lag", "long", "Messages of its topics that were not read then; null for sources that are no topics."),
            N("lag_by_partition", "string", "The same as JSON, by topic/partition."),
            C("latency_p50", "double", "Median from message to result, a sample of five minutes.", "s"),
            C("latency_p99", "double", "The slowest hundredth of that sample.", "s"),
        ),
        ("stream", "run_id", "batch"),
        owner="data",
        reads=("source.orders", "source.events"),
    ),
)
