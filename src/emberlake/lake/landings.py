"""Landings: which messages of a topic are in the lake, micro-batch after micro-batch, and the watermark of each.

A landing is a range of offsets. It is recorded before its first row is written, and again when its loads are in the
ledger, so that a second try takes the same range, with the same watermark, whatever happened to the checkpoint. Each
begins where the one before it ends: a message can be in no two of them and is missing in none.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from emberlake.errors import LakeError
from emberlake.lake.ledger import now
from emberlake.records import open_records, transaction

if TYPE_CHECKING:
    from emberlake.settings import Settings

Offsets = Mapping[int, int]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS landings (
  id INTEGER PRIMARY KEY, topic TEXT NOT NULL, topic_id TEXT NOT NULL, first TEXT NOT NULL, past TEXT NOT NULL,
  watermark TEXT, greatest TEXT, begun_at TEXT NOT NULL, ended_at TEXT, off_time INTEGER NOT NULL DEFAULT 0,
  UNIQUE (topic_id, first, past)
) STRICT;
CREATE INDEX IF NOT EXISTS landings_by_topic ON landings (topic, id);
"""


@dataclass(frozen=True)
class Landing:
    """Messages of a topic that come into the lake together.

    Attributes:
        topic_id: the broker's own name of the topic: one that is made anew has another.
        first: the first offset of each partition.
        past: the offset behind the last one.
        watermark: events before it are late; None at the very first.
        greatest: the greatest event time of all landings up to this one.
        ended: whether its loads are in the ledger.
    """

    id: int
    topic: str
    topic_id: str
    first: dict[int, int]
    past: dict[int, int]
    watermark: datetime | None
    greatest: datetime | None
    begun_at: str
    ended: bool
    off_time: int = 0


class Landings:
    """The landings of a root, in the lake's ledger."""

    def __init__(self, settings: Settings) -> None:
        self._db = open_records(settings.state / "ledger.sqlite", _SCHEMA)
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.row_factory = sqlite3.Row

    def __enter__(self) -> Landings:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def last(self, topic: str, ended: bool = False) -> Landing | None:
        """The newest landing of a topic; with `ended`, the newest that is whole."""
        row = self._db.execute(
            "SELECT * FROM landings WHERE topic = ? AND (ended_at IS NOT NULL OR NOT ?) ORDER BY id DESC LIMIT 1",
            (topic, ended),
        ).fetchone()
        return _landing(row) if row else None

    def begin(self, topic: str, topic_id: str, first: Offsets, past: Offsets, delay: timedelta) -> Landing:
        """Record that a range is about to land, or find it recorded.

        Raises:
            LakeError: if the range does not follow the one that landed before it.
        """
        with transaction(self._db):
            known = self._db.execute(
                "SELECT * FROM landings WHERE topic_id = ? AND first = ? AND past = ?",
                (topic_id, _text(first), _text(past)),
            ).fetchone()
            if known:
                return _landing(known)
            before = self.last(topic)
            if before:
                _require_next(before, topic_id, first)
            greatest = before.greatest if before else None
            watermark = greatest - delay if greatest else None
            self._insert(topic, topic_id, first, past, watermark, greatest)
        found = self.last(topic)
        assert found is not None
        return found

    def end(self, landing: Landing, greatest: datetime | None, off_time: int) -> None:
        """Record that a landing's loads are in the ledger.

        Args:
            landing: the landing.
            greatest: the greatest time of its events that were on time.
            off_time: how many were not.
        """
        most = max((each for each in (landing.greatest, greatest) if each is not None), default=None)
        with transaction(self._db):
            self._db.execute(
                "UPDATE landings SET greatest = ?, off_time = ?, ended_at = ? WHERE id = ?",
                (_time(most), off_time, now(), landing.id),
            )
            waits = self._db.execute("SELECT load_id, past FROM waits WHERE topic = ?", (landing.topic,)).fetchall()
            over = [(load,) for load, past in waits if _reaches(landing.past, _offsets(past))]
            self._db.executemany("DELETE FROM waits WHERE load_id = ?", over)

    def jump(self, topic: str, topic_id: str, to: Offsets) -> None:
        """Record that a topic goes on at other offsets, because what lay between cannot be had any more."""
        before = self.last(topic)
        if before and before.ended and (before.topic_id, before.past) == (topic_id, dict(to)):
            return
        greatest = before.greatest if before else None
        with transaction(self._db):
            self._insert(topic, topic_id, to, to, None, greatest, ended=True)
            self._db.execute("DELETE FROM waits WHERE topic = ?", (topic,))

    def wait(self, loads: Iterable[str], topic: str, past: Offsets) -> None:
        """Have loads wait with silver until `topic` has landed up to `past`; not when it has, or never landed."""
        there = self.last(topic, ended=True)
        if there is None or _reaches(there.past, past):
            return
        with transaction(self._db):
            self._db.executemany(
                "INSERT OR IGNORE INTO waits VALUES (?,?,?)", [(load, topic, _text(past)) for load in loads]
            )

    def _insert(
        self, topic: str, topic_id: str, first: Offsets, past: Offsets, watermark: datetime | None,
        greatest: datetime | None, ended: bool = False,
    ) -> None:  # fmt: skip
        at = now()
        self._db.execute(
            "INSERT INTO landings (topic, topic_id, first, past, watermark, greatest, begun_at, ended_at)"
            " VALUES (?,?,?,?,?,?,?,?)",
            (topic, topic_id, _text(first), _text(past), _time(watermark), _time(greatest), at, at if ended else None),
        )


def _require_next(before: Landing, topic_id: str, first: Offsets) -> None:
    where = f"the lake has {before.topic} up to {_text(before.past)}"
    if not before.ended:
        raise LakeError(
            f"A landing of {before.topic} that begins at {_text(first)} cannot begin:"
            f" the one from {_text(before.first)} to {_text(before.past)} is not finished.",
            "Nothing was written. Another query lands this topic, or the checkpoint is not the one that began it.",
        )
    same = {p: o for p, o in first.items() if o} == {p: o for p, o in before.past.items() if o}
    if before.topic_id != topic_id or not same:
        raise LakeError(
            f"A landing of {before.topic} that begins at {_text(first)} does not follow: {where}.",
            "Nothing was written. Another query lands this topic, or the checkpoint is an old one:"
            " delete the checkpoint's folder and start the stream with from=ledger.",
        )


def _reaches(there: Offsets, past: Offsets) -> bool:
    return all(there.get(partition, 0) >= offset for partition, offset in past.items())


def _landing(row: sqlite3.Row) -> Landing:
    return Landing(
        row["id"], row["topic"], row["topic_id"], _offsets(row["first"]), _offsets(row["past"]),
        _read(row["watermark"]), _read(row["greatest"]), row["begun_at"], row["ended_at"] is not None, row["off_time"],
    )  # fmt: skip


def _text(offsets: Offsets) -> str:
    return json.dumps({str(partition): offsets[partition] for partition in sorted(offsets)})


def _offsets(text: str) -> dict[int, int]:
    return {int(partition): offset for partition, offset in json.loads(text).items()}


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
