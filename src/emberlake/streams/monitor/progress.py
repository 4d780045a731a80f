"""One progress report of Spark, as figures with units."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any

# A partition of a topic.
Place = tuple[str, int]


@dataclass(frozen=True)
class Progress:
    """What one batch did; times are seconds since 1970, durations seconds.

    Attributes:
        run_id: of the query since its last start.
        at: when the batch began.
        rows: read by it.
        input_rate: rows that arrived a second since the batch before; None where Spark cannot say.
        rate: rows processed a second.
        seconds: how long it took.
        dropped: rows that its state operators dropped as later than the watermark.
        watermark: event time before which nothing is waited for; None without one.
        newest: newest event time of the batch.
        begins: offset of each partition from which it read; `ends`: up to which, itself not read.
        latest: newest offset of each partition when it was planned.
        outstanding: bytes that a Delta source has not read yet.
    """

    stream: str
    run_id: str
    batch: int
    at: float
    rows: int
    input_rate: float | None
    rate: float | None
    seconds: float
    state_rows: int = 0
    state_bytes: int = 0
    dropped: int = 0
    watermark: float | None = None
    newest: float | None = None
    begins: dict[Place, int] = field(default_factory=dict)
    ends: dict[Place, int] = field(default_factory=dict)
    latest: dict[Place, int] = field(default_factory=dict)
    outstanding: int = 0

    @property
    def watermark_delay(self) -> float | None:
        """Seconds by which the watermark is behind the newest event of the batch."""
        if self.watermark is None or self.newest is None:
            return None
        return max(self.newest - self.watermark, 0.0)

    @property
    def planned_lag(self) -> dict[Place, int]:
        """Messages of each partition that were there and not read, when the batch was planned."""
        return {place: max(latest - self.ends.get(place, 0), 0) for place, latest in self.latest.items()}


def read_progress(text: str) -> Progress:
    """The figures of a `StreamingQueryProgress` in JSON."""
    told: dict[str, Any] = json.loads(text)
    sources, states = told.get("sources", []), told.get("stateOperators", [])
    durations, times = told.get("durationMs", {}), told.get("eventTime", {})
    return Progress(
        stream=told.get("name") or "",
        run_id=told["runId"],
        batch=told["batchId"],
        at=_seconds(told["timestamp"]) or 0.0,
        rows=sum(source.get("numInputRows", 0) for source in sources),
        input_rate=_sum(source.get("inputRowsPerSecond") for source in sources),
        rate=_sum(source.get("processedRowsPerSecond") for source in sources),
        seconds=durations.get("triggerExecution", told.get("batchDuration", 0)) / 1000,
        state_rows=sum(state.get("numRowsTotal", 0) for state in states),
        state_bytes=sum(_state_bytes(state) for state in states),
        dropped=sum(state.get("numRowsDroppedByWatermark", 0) for state in states),
        watermark=_watermark(times.get("watermark")),
        newest=_seconds(times.get("max")),
        begins=_places(sources, "startOffset"),
        ends=_places(sources, "endOffset"),
        latest=_places(sources, "latestOffset"),
        outstanding=sum(int(source.get("metrics", {}).get("numBytesOutstanding", 0)) for source in sources),
    )


def _sum(values: Any) -> float | None:
    # Spark writes NaN and Infinity, which JSON has not, as nothing.
    known = [float(value) for value in values if isinstance(value, (int, float))]
    return sum(known) if known else None


def _state_bytes(state: dict[str, Any]) -> int:
    # RocksDB keeps state on disk; memoryUsedBytes is then what is cached of it.
    on_disk = state.get("customMetrics", {}).get("rocksdbTotalBytesWritten") is not None
    size = state.get("customMetrics", {}).get("rocksdbSstFileSize", 0) if on_disk else 0
    return int(state.get("memoryUsedBytes", 0)) + int(size)


def _places(sources: list[dict[str, Any]], which: str) -> dict[Place, int]:
    """Offsets by topic and partition, of the sources that have such: Kafka's."""
    found: dict[Place, int] = {}
    for source in sources:
        told = source.get(which)
        told = json.loads(told) if isinstance(told, str) and told.startswith("{") else told
        if not isinstance(told, dict) or "Kafka" not in source.get("description", ""):
            continue
        for topic, partitions in told.items():
            if isinstance(partitions, dict):
                found |= {(topic, int(number)): int(offset) for number, offset in partitions.items()}
    return found


def _watermark(text: str | None) -> float | None:
    # Before the first event it is 1970.
    return _seconds(text) or None


def _seconds(text: str | None) -> float | None:
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else None
