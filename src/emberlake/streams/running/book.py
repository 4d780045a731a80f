"""What is known of each stream: one SQLite file that its process, the commands and the status share."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from emberlake.errors import StreamError
from emberlake.records import open_records
from emberlake.settings import Settings
from emberlake.streams.running.identity import Identity

State = Literal["starting", "running", "waiting", "failed", "stopped", "finished"]
# States that no live process is behind.
ENDED = ("failed", "stopped", "finished")

_BUSY_S = 30.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS streams (
  name TEXT PRIMARY KEY, state TEXT NOT NULL, since REAL NOT NULL, pid INTEGER NOT NULL, born TEXT NOT NULL,
  jvm INTEGER NOT NULL DEFAULT 0, jvm_born TEXT NOT NULL DEFAULT '', shares TEXT NOT NULL DEFAULT '[]',
  options TEXT NOT NULL DEFAULT '{}', log TEXT NOT NULL DEFAULT '', metrics TEXT NOT NULL DEFAULT '',
  restarts INTEGER NOT NULL DEFAULT 0, cause TEXT NOT NULL DEFAULT '', hint TEXT NOT NULL DEFAULT '',
  again_at REAL, asked TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS happenings (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, stream TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS happenings_of ON happenings (stream, at);
"""


@dataclass(frozen=True)
class Entry:
    """What is known of one stream; times are seconds since 1970.

    Attributes:
        state: what its process said last; a process that was killed said nothing of it (`survey.running_streams`).
        since: when it came into that state.
        shares: all streams of its process, itself among them.
        metrics: address of the Prometheus endpoint; empty: none.
        restarts: of its query, since its process began.
        cause: why it waits or failed, in one sentence; `hint`: what to do.
        again_at: when it is tried again, while it waits.
        asked: what it was asked to do and has not done yet: `stop` or nothing.
    """

    name: str
    state: State
    since: float
    pid: int
    born: str
    jvm: int = 0
    jvm_born: str = ""
    shares: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    log: str = ""
    metrics: str = ""
    restarts: int = 0
    cause: str = ""
    hint: str = ""
    again_at: float | None = None
    asked: str = ""

    @property
    def process(self) -> Identity:
        """The Python process."""
        return Identity(self.pid, self.born)

    @property
    def java(self) -> Identity | None:
        """The JVM, once it runs."""
        return Identity(self.jvm, self.jvm_born) if self.jvm else None


@dataclass(frozen=True)
class Happening:
    """Something that happened to a stream, once: `started`, `failed`, `restarted`, an alert `raised`, and so on."""

    at: float
    stream: str
    kind: str
    text: str


_JSON = ("shares", "options")
_NAMES = [f.name for f in fields(Entry)]


class Book:
    """The records of all streams of a root.

    Raises:
        StreamError: when the file is locked for long, or is no database.
    """

    def __init__(self, settings: Settings) -> None:
        self.path = settings.streams / "streams.sqlite"

    # Reading
    def entries(self) -> dict[str, Entry]:
        """Name to entry of every stream that was ever started."""
        if not self.path.exists():
            return {}
        rows = self.query(f"SELECT {', '.join(_NAMES)} FROM streams ORDER BY name")
        return {row[0]: _entry(row) for row in rows}

    def entry(self, name: str) -> Entry | None:
        """What is known of one stream; None if it was never started."""
        return self.entries().get(name)

    def happenings(self, stream: str | None = None, since: float = 0.0, kinds: Iterable[str] = ()) -> list[Happening]:
        """What happened since then, the oldest first."""
        if not self.path.exists():
            return []
        wanted = set(kinds)
        rows = self.query(
            "SELECT at, stream, kind, text FROM happenings WHERE at >= ? AND (? IS NULL OR stream = ?) ORDER BY id",
            (since, stream, stream),
        )
        return [Happening(*row) for row in rows if not wanted or row[2] in wanted]

    # Writing
    def begin(self, entry: Entry) -> None:
        """A process takes a stream: what an earlier one said no longer holds."""
        values = [json.dumps(v) if name in _JSON else v for name in _NAMES for v in [getattr(entry, name)]]
        marks = ", ".join("?" * len(_NAMES))
        self.query(f"INSERT OR REPLACE INTO streams ({', '.join(_NAMES)}) VALUES ({marks})", values)

    def change(self, name: str, **values: Any) -> None:
        """Note other values of a stream; a new `state` brings its `since` along."""
        if "state" in values:
            values = {"since": time.time(), "again_at": None, **values}
        put = ", ".join(f"{column} = ?" for column in values if column in _NAMES)
        self.query(f"UPDATE streams SET {put} WHERE name = ?", [*values.values(), name])

    def note(self, stream: str, kind: str, text: str = "") -> None:
        """Note that something happened now."""
        self.query(
            "INSERT INTO happenings (at, stream, kind, text) VALUES (?,?,?,?)", (time.time(), stream, kind, text)
        )

    def forget(self, before: float) -> None:
        """Drop what happened before then."""
        self.query("DELETE FROM happenings WHERE at < ?", (before,))

    def query(self, statement: str, values: Iterable[Any] = (), schema: str = "") -> list[Any]:
        """Run one statement; `schema` makes further tables that it needs."""
        with self._open(_SCHEMA + schema) as db:
            return db.execute(statement, tuple(values)).fetchall()

    @contextmanager
    def _open(self, schema: str) -> Iterator[sqlite3.Connection]:
        try:
            with closing(open_records(self.path, schema, _BUSY_S)) as db:
                yield db
        except OSError as e:
            raise StreamError(f"{self.path} cannot be opened: {e}.", "Look at the folder's rights.") from e
        except sqlite3.DatabaseError as e:
            busy = isinstance(e, sqlite3.OperationalError) and e.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            hint = "Try again when the other command is done." if busy else "Look at the disk and the folder's rights."
            raise StreamError(f"The records of the streams, {self.path}, cannot be used: {e}.", hint) from e


def _entry(row: tuple[Any, ...]) -> Entry:
    values = dict(zip(_NAMES, row, strict=True))
    return Entry(**{**values, **{name: json.loads(values[name]) for name in _JSON}})
