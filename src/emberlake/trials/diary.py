"""What happened to each trial, in order: one SQLite file in WAL mode, to which rows are only ever added."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, Literal

from emberlake.errors import TrialError
from emberlake.records import open_records
from emberlake.settings import Settings
from emberlake.trials.trial import Trial

Kind = Literal["planned", "started", "exposed", "read", "stopped"]
State = Literal["planned", "running", "stopped"]
_BUSY_S = 30.0
# A trial starts and stops once, whoever else tries in the same moment; what was written is never changed.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY, trial TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL, what TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS once ON events (trial, kind) WHERE kind IN ('started', 'stopped');
CREATE TRIGGER IF NOT EXISTS kept BEFORE UPDATE ON events BEGIN SELECT raise(ABORT, 'events are only added'); END;
CREATE TRIGGER IF NOT EXISTS all_kept BEFORE DELETE ON events BEGIN SELECT raise(ABORT, 'events are only added'); END;
"""


@dataclass(frozen=True)
class Event:
    """One entry: when (UTC, ISO 8601) what happened to a trial."""

    trial: str
    kind: Kind
    at: str
    what: dict[str, Any]


@dataclass(frozen=True)
class Story:
    """All entries of one trial.

    Attributes:
        trial: its newest plan, with the window that the start fixed and the stop cut.
    """

    events: tuple[Event, ...]
    trial: Trial

    @property
    def name(self) -> str:
        """The trial's name."""
        return self.trial.name

    @property
    def state(self) -> State:
        """How far it is."""
        kinds = {event.kind for event in self.events}
        return "stopped" if "stopped" in kinds else "running" if "started" in kinds else "planned"

    @property
    def exposures(self) -> list[dict[str, Any]]:
        """What was said about who saw a variant, in order."""
        return self.of("exposed")

    @property
    def stopped_on(self) -> str | None:
        """The first day, UTC, that no longer counts because the trial was stopped."""
        stops = self.of("stopped")
        return stops[0]["on"] if stops else None

    def of(self, kind: Kind) -> list[dict[str, Any]]:
        """What was noted with the entries of a kind."""
        return [event.what for event in self.events if event.kind == kind]


class Diary:
    """The trials of one root.

    Raises:
        TrialError: when the file is locked for long, or is no database.
    """

    def __init__(self, settings: Settings) -> None:
        self.path = settings.trials / "trials.sqlite"

    def stories(self) -> list[Story]:
        """All trials, the oldest first."""
        names = dict.fromkeys(event.trial for event in self._events())
        return [self.story(name) for name in names]

    def story(self, name: str) -> Story:
        """One trial.

        Raises:
            TrialError: if there is none of that name.
        """
        events = self._events()
        own = tuple(event for event in events if event.trial == name)
        if not own:
            raise TrialError(f"There is no trial {name!r}.", _others(name, sorted({e.trial for e in events})))
        return Story(own, _trial(own))

    def require(self, name: str, kind: Kind) -> None:
        """Refuses what the trial's state does not allow, before work is done for it.

        Raises:
            TrialError: if the trial is in another state than this needs.
        """
        kinds = {event.kind for event in self._events() if event.trial == name}
        _require(name, kind, started="started" in kinds, stopped="stopped" in kinds, known=bool(kinds))

    def add(self, name: str, kind: Kind, what: dict[str, Any]) -> None:
        """Note that something happened.

        Raises:
            TrialError: if the trial is in another state than this needs; nothing is noted then.
        """
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            row = db.execute(
                "SELECT max(kind = 'started'), max(kind = 'stopped'), count(*) FROM events WHERE trial = ?", (name,)
            ).fetchone()
            _require(name, kind, started=bool(row[0]), stopped=bool(row[1]), known=bool(row[2]))
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            note = json.dumps(what, ensure_ascii=False)
            db.execute("INSERT INTO events (trial, kind, at, what) VALUES (?,?,?,?)", (name, kind, now, note))
            db.execute("COMMIT")

    def _events(self) -> list[Event]:
        # Asking for trials where there are none writes nothing.
        if not self.path.exists():
            return []
        with self._open() as db:
            rows = db.execute("SELECT trial, kind, at, what FROM events ORDER BY id").fetchall()
        return [Event(trial, kind, at, json.loads(what)) for trial, kind, at, what in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(open_records(self.path, _SCHEMA, _BUSY_S)) as db:
                yield db
        except OSError as e:
            raise TrialError(f"{self.path} cannot be opened: {e}.", "Look at the folder's rights.") from e
        except sqlite3.OperationalError as e:
            if e.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise TrialError(f"{self.path} cannot be opened: {e}.", "Look at the folder's rights.") from e
            raise TrialError(f"{self.path} is in use: {e}.", "Try again when the other command is done.") from e
        except sqlite3.DatabaseError as e:
            raise TrialError(f"{self.path} is damaged: {e}.", "Restore it from a copy, or move it away.") from e


def _require(name: str, kind: Kind, *, started: bool, stopped: bool, known: bool) -> None:
    if kind == "planned":
        if started:
            raise TrialError(f"Trial {name!r} has begun, so its plan is fixed.", "Plan another one, with another name.")
        return
    if not known:
        raise TrialError(f"There is no trial {name!r}.", f"Plan it first: emberlake trial plan {name}.")
    if kind == "started" and started:
        raise TrialError(f"Trial {name!r} was started before.", "A name is used once: plan a new trial.")
    if kind != "started" and not started:
        raise TrialError(f"Trial {name!r} was not started yet.", f"Start it first: emberlake trial start {name}.")
    if kind == "stopped" and stopped:
        raise TrialError(f"Trial {name!r} was stopped before.", f"Read it: emberlake trial read {name}.")


def _trial(events: tuple[Event, ...]) -> Trial:
    plan = [event.what for event in events if event.kind == "planned"][-1]
    for event in events:
        if event.kind == "started":
            plan = plan | event.what["fixed"]
    return Trial.from_dict(plan)


def _others(name: str, known: list[str]) -> str:
    if not known:
        return f"None was planned yet: emberlake trial plan {name}."
    close = get_close_matches(name, known, 1)
    meant = f"Did you mean {close[0]!r}? " if close else ""
    return f"{meant}There are: {', '.join(known)}."
