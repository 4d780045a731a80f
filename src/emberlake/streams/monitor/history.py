"""The figures of the streams: kept in the records for a week, and in a table of the lake for good.

A batch may end twice a second. Each as a row of a Delta table would be a file each; so they are gathered in SQLite,
which is also what the status reads, and written to the lake some thousands at a time
(docs/decisions/0099-figures-of-streams.md).
"""

from __future__ import annotations

import datetime as dt
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emberlake.settings import Settings
from emberlake.streams.monitor.progress import Place, Progress

if TYPE_CHECKING:
    import pyarrow as pa

    from emberlake.streams.running.book import Book

TABLE = "gold.stream_progress"
KEPT_SECONDS = 7 * 86_400.0

_COLUMNS = (
    "stream", "run_id", "batch", "at", "rows", "input_rate", "rate", "seconds", "state_rows", "state_bytes",
    "dropped", "watermark", "watermark_delay", "lag", "lag_by_partition", "latency_p50", "latency_p99",
)  # fmt: skip
SCHEMA = """
CREATE TABLE IF NOT EXISTS progress (
  id INTEGER PRIMARY KEY, stream TEXT NOT NULL, run_id TEXT NOT NULL, batch INTEGER NOT NULL, at REAL NOT NULL,
  rows INTEGER NOT NULL, input_rate REAL, rate REAL, seconds REAL NOT NULL, state_rows INTEGER NOT NULL,
  state_bytes INTEGER NOT NULL, dropped INTEGER NOT NULL, watermark REAL, watermark_delay REAL, lag INTEGER,
  lag_by_partition TEXT NOT NULL, latency_p50 REAL, latency_p99 REAL
) STRICT;
CREATE INDEX IF NOT EXISTS progress_of ON progress (stream, id);
CREATE TABLE IF NOT EXISTS looks (
  stream TEXT PRIMARY KEY, at REAL NOT NULL, what TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS exported (stream TEXT PRIMARY KEY, id INTEGER NOT NULL) STRICT;
"""


@dataclass(frozen=True)
class Extra:
    """What Spark does not know and the monitor found out.

    Attributes:
        lag: messages not read yet, of each partition.
        latency_p50: seconds from a message's arrival to its result; `latency_p99`: of the slowest hundredth.
    """

    lag: dict[Place, int]
    latency_p50: float | None = None
    latency_p99: float | None = None


class History:
    """The figures of a root's streams, through their records."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def keep(self, progress: Progress, extra: Extra) -> None:
        """Add one batch."""
        lag = {f"{topic}/{number}": count for (topic, number), count in sorted(extra.lag.items())}
        values = (
            progress.stream, progress.run_id, progress.batch, progress.at, progress.rows, progress.input_rate,
            progress.rate, progress.seconds, progress.state_rows, progress.state_bytes, progress.dropped,
            progress.watermark, progress.watermark_delay, sum(lag.values()) if lag else None, json.dumps(lag),
            extra.latency_p50, extra.latency_p99,
        )  # fmt: skip
        marks = ", ".join("?" * len(_COLUMNS))
        self.book.query(f"INSERT INTO progress ({', '.join(_COLUMNS)}) VALUES ({marks})", values, SCHEMA)

    def look(self, stream: str, what: dict[str, Any]) -> None:
        """Note the newest figures of a stream, for the status."""
        self.book.query("INSERT OR REPLACE INTO looks VALUES (?,?,?)", (stream, time.time(), json.dumps(what)), SCHEMA)

    def looks(self) -> dict[str, dict[str, Any]]:
        """The newest figures of each stream, with `looked_at`."""
        if not self.book.path.exists():
            return {}
        rows = self.book.query("SELECT stream, at, what FROM looks", (), SCHEMA)
        return {stream: {"looked_at": at, **json.loads(what)} for stream, at, what in rows}

    def recent(self, stream: str, limit: int = 60) -> list[dict[str, Any]]:
        """The newest batches of a stream, the oldest of them first."""
        if not self.book.path.exists():
            return []
        names = ", ".join(_COLUMNS)
        rows = self.book.query(
            f"SELECT {names} FROM progress WHERE stream = ? ORDER BY id DESC LIMIT ?", (stream, limit), SCHEMA
        )
        return [dict(zip(_COLUMNS, row, strict=True)) for row in reversed(rows)]

    def export(self, settings: Settings, stream: str) -> int:
        """Write a stream's batches that are not in the lake yet into `gold.stream_progress`, exactly once.

        Returns:
            How many rows were written.
        """
        from emberlake.lake import Lake
        from emberlake.lake.arrow import append_arrow

        done = self.book.query("SELECT id FROM exported WHERE stream = ?", (stream,), SCHEMA)
        after = done[0][0] if done else 0
        names = ", ".join(_COLUMNS)
        rows = self.book.query(f"SELECT id, {names} FROM progress WHERE stream = ? AND id > ? ORDER BY id",
                               (stream, after), SCHEMA)  # fmt: skip
        if not rows:
            return 0
        with Lake(None, settings) as lake:
            # The token is what is written: done again after a kill, it is done once.
            append_arrow(lake, TABLE, _arrow(rows), f"{stream}:{rows[0][0]}-{rows[-1][0]}")
        self.book.query("INSERT OR REPLACE INTO exported VALUES (?,?)", (stream, rows[-1][0]), SCHEMA)
        return len(rows)

    def forget(self, before: float) -> None:
        """Drop batches older than that which the lake has."""
        self.book.query(
            "DELETE FROM progress WHERE at < ? AND id <= (SELECT id FROM exported e WHERE e.stream = progress.stream)",
            (before,), SCHEMA,
        )  # fmt: skip


def _arrow(rows: list[tuple[Any, ...]]) -> pa.Table:
    import pyarrow as pa

    columns = dict(zip(_COLUMNS, zip(*(row[1:] for row in rows), strict=True), strict=True))
    moments, counts = ("at", "watermark"), ("batch", "rows", "state_rows", "state_bytes", "dropped", "lag")
    made = {}
    for name, values in columns.items():
        if name in moments:
            made[name] = pa.array([_moment(value) for value in values], pa.timestamp("us", "UTC"))
        elif name in counts:
            made[name] = pa.array(values, pa.int64())
        else:
            text = name in ("stream", "run_id", "lag_by_partition")
            made[name] = pa.array(values, pa.string() if text else pa.float64())
    return pa.table(made)


def _moment(seconds: float | None) -> dt.datetime | None:
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)
