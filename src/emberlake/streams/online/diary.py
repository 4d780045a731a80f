"""What happened to a stream's models: drifts, promotions and what was undone. Written once, never changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from emberlake.errors import StreamError
from emberlake.records import open_records

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from emberlake.settings import Settings
    from emberlake.streams.online.learner import Happening

ASKED, GAP = "undo asked", "gap"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS happenings (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  query TEXT NOT NULL, batch INTEGER NOT NULL, event INTEGER NOT NULL,
  what TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL, why TEXT NOT NULL, written_at TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS once ON happenings (query, batch, event, what) WHERE what <> 'undo asked';
CREATE TRIGGER IF NOT EXISTS no_change BEFORE UPDATE ON happenings BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS no_loss BEFORE DELETE ON happenings BEGIN SELECT RAISE(ABORT, 'append only'); END;
"""


@dataclass(frozen=True)
class Entry:
    """One line of the diary; `old` and `new` are champions, `event` counts what was learned before."""

    number: int
    batch: int
    event: int
    what: str
    old: str
    new: str
    why: str
    written_at: str


def write(settings: Settings, stream: str, query: str, batch: int, happened: Iterable[Happening]) -> None:
    """Add what happened in a micro-batch; a batch that is written again adds nothing."""
    rows = [(query, batch, one.event, one.what, one.old, one.new, one.why, _now()) for one in happened]
    with closing(_open(settings, stream)) as diary:
        diary.executemany(_INSERT, rows)


def write_gap(settings: Settings, stream: str, event: int, why: str) -> None:
    """Note that messages were not learned because they are gone, after so many events."""
    with closing(_open(settings, stream)) as diary:
        diary.execute(_INSERT, ("", -1, event, GAP, "", "", why, _now()))


def entries(settings: Settings, stream: str) -> list[Entry]:
    """All that happened, in the order it was written."""
    if not _path(settings, stream).exists():
        return []
    with closing(_open(settings, stream)) as diary:
        found = diary.execute(
            "SELECT number, batch, event, what, old, new, why, written_at FROM happenings ORDER BY number"
        ).fetchall()
    return [Entry(*row) for row in found]


def standing_promotion(settings: Settings, stream: str) -> Entry:
    """The last promotion, if nobody has asked to undo it.

    Raises:
        StreamError: if there is none that was not undone already.
    """
    standing: Entry | None = None
    for entry in entries(settings, stream):
        standing = entry if entry.what == "promoted" else None if entry.what in (ASKED, "undone") else standing
    if standing is None:
        raise StreamError(
            f"Stream {stream} has no promotion that could be undone.",
            "Only the last one can be, and only once; the next follows from the rule.",
        )
    return standing


def undo_promotion(settings: Settings, stream: str, why: str) -> int:
    """Ask for the champion before the last promotion; the running stream follows before its next micro-batch.

    Returns:
        The number of the request.

    Raises:
        StreamError: if there is no promotion that was not undone already.
    """
    standing_promotion(settings, stream)
    with closing(_open(settings, stream)) as diary:
        return int(diary.execute(_INSERT, ("", -1, -1, ASKED, "", "", why, _now())).lastrowid or 0)


def last_request(settings: Settings, stream: str) -> int:
    """Number of the last request to undo; 0: there was none."""
    with closing(_open(settings, stream)) as diary:
        found = diary.execute("SELECT coalesce(max(number), 0) FROM happenings WHERE what = ?", (ASKED,)).fetchone()
    return int(found[0])


_INSERT = """
INSERT INTO happenings (query, batch, event, what, old, new, why, written_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""


def _open(settings: Settings, stream: str) -> sqlite3.Connection:
    return open_records(_path(settings, stream), _SCHEMA)


def _path(settings: Settings, stream: str) -> Path:
    return settings.streams / stream / "diary.db"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
