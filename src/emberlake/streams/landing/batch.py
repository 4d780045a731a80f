"""One micro-batch into the lake: bronze, the door, and the ledger, each write once however often it is tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.lake.boundary import boundary
from emberlake.lake.bronze import load_id
from emberlake.lake.commits import Added, added
from emberlake.lake.lake import Lake, token_of
from emberlake.lake.landings import Landing, Landings
from emberlake.lake.ledger import Load
from emberlake.streams.events import LINES, parse
from emberlake.streams.landing.rows import Names, bronze_rows, door_rows, judged, line_rows, off_time_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame

    from emberlake.streams.events import Event

# The prefix of the loads that live windows read.
ON_TIME, OFF_TIME = "live-", "late-"


@dataclass(frozen=True)
class Door:
    """How messages of a topic come in.

    Attributes:
        topic_id: the broker's own name of the topic.
        delay: how much older than the newest event an event may be.
    """

    event: Event
    topic_id: str
    delay: timedelta

    def land(
        self, lake: Lake, messages: DataFrame, first: Mapping[int, int], past: Mapping[int, int],
        after: tuple[str, Mapping[int, int]] | None = None,
    ) -> Landing:  # fmt: skip
        """Take messages into bronze and through the door.

        Args:
            lake: the lake, with the session of `messages`.
            messages: all messages of the range, and no others.
            first: the first offset of each partition.
            past: the offset behind the last.
            after: a topic and offsets that silver has to have before it takes these.

        Raises:
            LakeError: if the range does not follow the last one that landed.
        """
        with Landings(lake.settings) as landings:
            topic = self.event.topic.name
            landing = landings.begin(topic, self.topic_id, first, past, self.delay)
            boundary(f"{topic}:begun")
            if landing.ended:
                return landing
            names = _names(self.event, landing)
            if not names.on_time:
                landings.end(landing, None, 0)
                return landing
            if after:
                landings.wait([*names.on_time.values(), *names.off_time.values()], *after)
            found, lines = self._write(lake, messages, landing, names)
            lake.ledger.record_loads(_loads(self.event, landing, names, found, lines))
            boundary(f"{topic}:in-ledger")
            times = [found[name].greatest for name in names.on_time.values() if name in found]
            off = sum(found[name].rows for name in names.off_time.values() if name in found)
            landings.end(landing, max((t for t in times if t), default=None), off)
            boundary(f"{topic}:landed")
        return landing

    def _write(
        self, lake: Lake, messages: DataFrame, landing: Landing, names: Names
    ) -> tuple[dict[str, Added], dict[str, Added]]:
        event, at = self.event, datetime.fromisoformat(landing.begun_at)
        name, token = f"bronze.{event.source}", token_of(*names.on_time.values())
        rows = judged(parse(messages, event), event, landing.watermark)
        lines: dict[str, Added] = {}
        if event.line:
            rows = rows.persist()
        try:
            lake.append(name, bronze_rows(rows, event, names, at), token)
            found = added(lake, name, token, event.time)
            if event.line:
                lake.append("bronze.order_items", line_rows(rows, event, names, at), token)
                lines = added(lake, "bronze.order_items", token)
                lake.append("silver.live_orders", door_rows(rows, names), token)
        finally:
            if event.line:
                rows.unpersist()
        off = [load for load in names.off_time.values() if load in found]
        if off:
            late = lake.read(name).where(F.col("_load_id").isin(off))
            lake.append("quarantine.live_late", off_time_rows(late, event, landing.watermark), token)
        return found, lines


def _names(event: Event, landing: Landing) -> Names:
    digests = {
        p: f"{landing.topic_id}/{p}:{landing.first[p]}-{landing.past[p]}"
        for p in landing.past if landing.past[p] > landing.first[p]
    }  # fmt: skip

    def called(prefix: str, source: str) -> dict[int, str]:
        return {p: prefix + load_id(source, digest) for p, digest in digests.items()}

    lines = called(ON_TIME, "order_items") if event.line else {}
    return Names(called(ON_TIME, event.source), called(OFF_TIME, event.source), lines)


def _loads(
    event: Event, landing: Landing, names: Names, found: Mapping[str, Added], lines: Mapping[str, Added]
) -> list[Load]:
    """A load for each partition and source; of off-time events only where there are any."""
    feed = f"kafka:{landing.topic}"

    def load(name: str, partition: int, source: str, rows: int, notes: str) -> Load:
        path = f"{feed}/{partition}"
        offsets = f"offsets {landing.first[partition]} to {landing.past[partition] - 1}"
        return Load(name, source, feed, path, 0, 0, landing.topic_id, rows, f"{offsets}{notes}")

    loads = [
        load(name, p, event.source, found[name].rows if name in found else 0, notes)
        for named, notes in ((names.on_time, ""), (names.off_time, "; not on time"))
        for p, name in named.items() if notes == "" or name in found
    ]  # fmt: skip
    loads += [
        load(name, p, "order_items", lines[name].rows if name in lines else 0, f"; {LINES}")
        for p, name in names.lines.items()
    ]
    return loads
