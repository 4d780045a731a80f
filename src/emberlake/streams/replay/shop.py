"""The lake's orders and clicks as messages in the order of their times, read without an engine.

Time: linear in the events, plus one scan of the lines' keys a slice. Memory: one slice of about 100,000 events.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from emberlake.errors import StreamError
from emberlake.settings import Settings
from emberlake.streams.replay.plan import Plan

TABLES = ("orders", "order_items", "events")
_SLICE = 100_000
_DAY = dt.timedelta(days=1)
_MICROS = 86_400_000_000

# micros (microseconds since 1970, UTC), topic (0 orders, 1 clicks), id, key, text: JSON without its last brace.
Row = tuple[int, int, int, str, str]


class Shop:
    """The silver tables of one moment; a later write does not change what is read.

    Raises:
        StreamError: if the lake has no orders, or none in the plan's days.
    """

    def __init__(self, settings: Settings, plan: Plan) -> None:
        self.plan = plan
        self.versions: dict[str, int] = {}
        self._db = duckdb.connect(":memory:", config={"memory_limit": "512MB", "threads": 2})
        for name in TABLES:
            self._open(settings, name)
        earliest, latest, highest = self._ask("extent").fetchall()[0]
        if earliest is None or latest is None:
            raise StreamError("The lake has no orders and no clicks.", "Build it first: emberlake build.")
        first, last = _day(earliest // _MICROS), _day(latest // _MICROS)
        self.since = _midnight(plan.start) if plan.start else first
        self.until = _midnight(plan.end) + _DAY if plan.end else last + _DAY
        found = self._ask("days", **self._window()).fetchall()
        self.days = [(_day(number), int(events)) for number, events in found]
        self.events = min(sum(events for _, events in self.days), plan.limit or 2**62)
        if not self.events:
            raise StreamError(
                f"Nothing happened from {self.since:%Y-%m-%d} to {self.until - _DAY:%Y-%m-%d}.",
                f"The lake knows {first:%Y-%m-%d} to {last:%Y-%m-%d}.",
            )
        self._stride = 10 ** len(str(highest))
        self._base = (last + _DAY - self.since) // dt.timedelta(microseconds=1) if plan.fresh else 0

    def _open(self, settings: Settings, name: str) -> None:
        try:
            table = DeltaTable(settings.lake / "silver" / name)
        except TableNotFoundError as e:
            raise StreamError(f"The lake has no silver.{name} to play.", "Build it first: emberlake build.") from e
        self.versions[name] = table.version()
        files = table.file_uris()
        if files:
            read: Any = self._db.read_parquet(files, hive_partitioning=False, union_by_name=True)
            read.create_view(name)
        else:
            self._db.register(name, pa.schema(table.schema().to_arrow()).empty_table())

    def rows(self, loop: int) -> Iterator[Row]:
        """All events of one loop, counted from 0, by time; of one time orders first, then by number."""
        left = self.events
        for since, until in self._slices():
            for row in self._slice(since, until, loop):
                if not left:
                    return
                left -= 1
                yield row

    def positions(self) -> pa.Table:
        """position, topic, micros and last (its topic's last micros) of each event of one loop; 32 bytes an event."""
        return self._ask("times", **self._window(), limit=self.events).to_arrow_table()

    def _slice(self, since: dt.datetime, until: dt.datetime, loop: int) -> Iterator[Row]:
        again = loop + self.plan.fresh
        given = {
            "since": since, "until": until, "ids": again * self._stride,
            "shift": self._base + loop * ((self.until - self.since) // dt.timedelta(microseconds=1)),
        }  # fmt: skip
        found = [self._ask(name, **given).to_arrow_table() for name in self.plan.topics]
        rows = pa.concat_tables(found).sort_by([("micros", "ascending"), ("topic", "ascending"), ("id", "ascending")])
        columns = [rows[name].to_pylist() for name in ("micros", "topic", "id", "key", "text")]
        yield from zip(*columns, strict=True)

    def _slices(self) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        since, held = self.since, 0
        for day, events in self.days:
            if held and held + events > _SLICE:
                yield since, day
                since, held = day, 0
            held += events
        yield since, self.until

    def _window(self) -> dict[str, Any]:
        named = {name: name in self.plan.topics for name in ("orders", "clicks")}
        return {"since": self.since, "until": self.until, **named}

    def _ask(self, name: str, **given: Any) -> duckdb.DuckDBPyRelation:
        return self._db.sql(_sql(name), params=given or None)


@cache
def _sql(name: str) -> str:
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")


def _day(number: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(number * 86_400, dt.UTC)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
