"""What is known of one running stream at this moment."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from emberlake.streams.monitor.latency import Latencies
from emberlake.streams.monitor.progress import Place, Progress

_MINUTE = 60.0


@dataclass(frozen=True)
class _Since:
    """Where a query in Real-Time Mode stood when a minute began; `at` by the clock, `sign` by the monotonic one."""

    run_id: str
    number: int
    at: float
    sign: float
    position: dict[Place, int]
    ends: dict[Place, int]


@dataclass
class Figures:
    """The newest figures of one stream, and the sums since its process began.

    Attributes:
        trigger: seconds between two micro-batches as asked for; None: as fast as it can, or in real time.
        sign: when it last showed that it lives, by the monotonic clock.
        position: the offset that it reads next, by partition.
        ends: where the partitions end.
        waiting_rows: rows that landed and wait in bronze for another topic; None: it lands none.
        waiting: how long the oldest of them has waited, seconds.
    """

    name: str
    realtime: bool
    last: Progress | None = None
    batches: int = 0
    rows: int = 0
    dropped: int = 0
    trigger: float | None = None
    sign: float = field(default_factory=time.monotonic)
    position: dict[Place, int] = field(default_factory=dict)
    ends: dict[Place, int] = field(default_factory=dict)
    latencies: Latencies = field(default_factory=Latencies)
    quarantine: float | None = None
    waiting_rows: int | None = None
    waiting: float | None = None
    _judged: Progress | None = None
    _since: _Since | None = None

    def take(self, progress: Progress) -> None:
        """Take in a batch."""
        self.last = progress
        self.batches += 1
        self.rows += progress.rows
        self.dropped += progress.dropped
        if not self.realtime:
            # A minute of one in real time comes whether it lives or not: only a result is a sign.
            self.sign = time.monotonic()
        self.moved(progress.ends)
        self.ends = {
            place: max(end, self.ends.get(place, 0)) for place, end in {**self.ends, **progress.latest}.items()
        }

    def moved(self, position: dict[Place, int]) -> None:
        """It has read up to here."""
        if any(offset > self.position.get(place, -1) for place, offset in position.items()):
            self.sign = time.monotonic()
        self.position |= {place: max(offset, self.position.get(place, 0)) for place, offset in position.items()}

    def minute(self, run_id: str) -> Progress | None:
        """What a query in Real-Time Mode read in the minute that is over now, by its results; None within a minute.

        Spark tells of a batch when it ends, and one of these lasts an hour.
        """
        now, since = time.monotonic(), self._since
        if since is not None and since.run_id == run_id and now - since.sign < _MINUTE:
            return None
        number = since.number + 1 if since is not None and since.run_id == run_id else 0
        self._since = _Since(run_id, number, time.time(), now, dict(self.position), dict(self.ends))
        if since is None or not number:
            return None
        seconds = now - since.sign
        rows, came = _moved(since.position, self.position), _moved(since.ends, self.ends)
        return Progress(
            self.name, run_id, since.number, since.at, rows, came / seconds, rows / seconds, seconds,
            begins=since.position, ends=dict(self.position), latest=dict(self.ends),
        )  # fmt: skip

    @property
    def lag(self) -> dict[Place, int]:
        """Messages that are there and not read; partitions whose position is not known yet are left out."""
        return {
            place: max(self.ends[place] - offset, 0) for place, offset in self.position.items() if place in self.ends
        }

    @property
    def silence(self) -> float:
        """Seconds without a sign of life beyond what its trigger explains; 0 when it has nothing to do."""
        lag = self.lag
        if lag and not any(lag.values()):
            return 0.0
        return max(time.monotonic() - self.sign - (self.trigger or 0.0), 0.0)

    def new_batch_share(self) -> float | None:
        """How many times its trigger's interval the last batch took; None for one that was asked about before."""
        if self.last is None or not self.trigger or self.last is self._judged:
            return None
        self._judged = self.last
        return self.last.seconds / self.trigger

    def to_dict(self) -> dict[str, Any]:
        """For the status, the records and the endpoint."""
        last = self.last
        lag = self.lag
        return {
            "realtime": self.realtime,
            "batch": last.batch if last else None,
            "batches": self.batches,
            "rows": self.rows,
            "dropped": self.dropped,
            "input_rate": last.input_rate if last else None,
            "rate": last.rate if last else None,
            "batch_seconds": last.seconds if last else None,
            "batch_began": last.at if last else None,
            "trigger_seconds": self.trigger,
            "state_rows": last.state_rows if last else 0,
            "state_bytes": last.state_bytes if last else 0,
            "watermark": last.watermark if last else None,
            "watermark_delay": last.watermark_delay if last else None,
            "outstanding_bytes": last.outstanding if last else 0,
            "lag": sum(lag.values()) if lag else None,
            "lag_by_partition": {f"{topic}/{number}": count for (topic, number), count in sorted(lag.items())},
            "latency_p50": self.latencies.quantile(0.5),
            "latency_p99": self.latencies.quantile(0.99),
            "quarantine_share": self.quarantine,
            "waiting_rows": self.waiting_rows,
            "waiting_seconds": self.waiting,
            "silence": round(self.silence, 1),
        }


def _moved(begins: dict[Place, int], ends: dict[Place, int]) -> int:
    return sum(end - begins.get(place, end) for place, end in ends.items())
