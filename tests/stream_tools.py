"""What window tests share: events as tuples, a door in ten lines, and streams run to the end of what is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from tests.rows import make_rows

from emberlake.engine.kafka import Connection
from emberlake.lake import Lake
from emberlake.settings import Settings
from emberlake.streams.landing.batch import ON_TIME
from emberlake.streams.stream import Running, Stream
from emberlake.streams.windows.queries import DOOR, STREAMS
from emberlake.tables import find

CLICKS = (
    "event_id long, session_id long, user_id long, event string, occurred_at timestamp, device string,"
    " product_id long, query string, order_id long"
)
ORDERS = (
    "order_id long, user_id long, ordered_at timestamp, status string, channel string, amount decimal(12,2),"
    " lines array<struct<line: int, product_id: long, quantity: int, unit_price: decimal(12,2)>>"
)
DAY = "2026-03-01 "


def clicks(session: SparkSession, *rows: tuple[Any, ...]) -> DataFrame:
    """Clicks from (event_id, session_id, user_id, event, "HH:MM[:SS]"[, product_id])."""
    full = [(*row[:4], DAY + row[4], "mobile", row[5] if len(row) > 5 else None, None, None) for row in rows]
    return make_rows(session, CLICKS, full)


def orders(session: SparkSession, *rows: tuple[Any, ...]) -> DataFrame:
    """Orders from (order_id, user_id, "HH:MM[:SS]", amount[, status, channel, lines])."""
    full = []
    for order_id, user_id, at, amount, *rest in rows:
        status, channel, lines = (*rest, *("paid", "web", [])[len(rest) :])
        full.append((order_id, user_id, DAY + at, status, channel, amount, lines))
    return make_rows(session, ORDERS, full)


def door(batches: Iterable[list[tuple[Any, ...]]], time: int, delay_minutes: int = 10) -> tuple[list[Any], list[Any]]:
    """Batches of events that are on time, and those that are late: what landing decides, in plain Python.

    Args:
        batches: micro-batches of tuples as `clicks` and `orders` take them.
        time: which place of the tuple has the time.
    """
    newest, kept, late = None, [], []
    for batch in batches:
        limit = None if newest is None else newest - dt.timedelta(minutes=delay_minutes)
        kept.append([row for row in batch if limit is None or _moment(row[time]) >= limit])
        late += [row for row in batch if limit is not None and _moment(row[time]) < limit]
        newest = max([_moment(row[time]) for row in batch] + ([newest] if newest else []))
    return kept, late


def landed(rows: DataFrame, table: str) -> DataFrame:
    """Events as the door leaves them: the table's columns, lines as JSON, and a landing's load."""
    known = {"_load_id": F.lit(f"{ON_TIME}test")}
    if "lines" in rows.columns:
        known["lines"] = F.to_json("lines")
    return rows.select(
        *[
            (known[c.name] if c.name in known else F.col(c.name) if c.name in rows.columns else F.lit(None))
            .cast(c.type)
            .alias(c.name)
            for c in find(table).columns
        ]
    )


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(DAY + text)


@dataclass
class Shop:
    """A root with tables behind the door, and its streams."""

    session: SparkSession
    settings: Settings
    dropped: dict[str, int] = field(default_factory=dict)
    states: dict[str, list[dict[str, int]]] = field(default_factory=dict)
    progress: dict[str, Any] = field(default_factory=dict)

    def come(self, rows: DataFrame, files: int = 1) -> None:
        """One commit behind the door."""
        event = next(event for event in DOOR if event.key in rows.columns and event.time in rows.columns)
        with Lake(self.session, self.settings) as lake:
            lake.append(DOOR[event], landed(rows, DOOR[event]).repartition(files))

    def running(self, name: str, **options: str) -> Running:
        checkpoint = self.settings.streams / name / "checkpoint"
        return Running(self.session, self.settings, Connection(""), checkpoint, options)

    def run(self, name: str, **options: str) -> None:
        """Start a stream, let it take all that is there, and end it."""
        query = stream(name).start(self.running(name, **{"trigger": "once", **options}))
        query.awaitTermination(300)
        for progress in query.recentProgress:
            counts = {op.operatorName: op.numRowsTotal for op in progress.stateOperators}
            self.states.setdefault(name, []).append(counts)
            lost = sum(op.numRowsDroppedByWatermark for op in progress.stateOperators)
            self.dropped[name] = self.dropped.get(name, 0) + lost
            self.progress[name] = progress

    def table(self, name: str) -> DataFrame:
        return self.session.read.format("delta").load(str(self.settings.lake / "gold" / name))

    def version(self, name: str) -> int:
        from deltalake import DeltaTable

        return DeltaTable(self.settings.lake / "gold" / name).version()

    def forget_last_commit(self, name: str) -> None:
        """Leave a checkpoint as a kill does between the write of a micro-batch and the note that it is done."""
        commits = self.settings.streams / name / "checkpoint" / "commits"
        last = max((path for path in commits.iterdir() if path.name.isdigit()), key=lambda path: int(path.name))
        last.unlink()
        Path(commits / f".{last.name}.crc").unlink(missing_ok=True)


def stream(name: str) -> Stream:
    return next(each for each in STREAMS if each.name == name)
