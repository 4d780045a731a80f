"""Stopping streams, which always ends: asked first, then told, then killed, Python and its JVM."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from emberlake.errors import StreamError
from emberlake.progress import Progress, silent
from emberlake.settings import Settings
from emberlake.streams.monitor.alerts import clear_alerts
from emberlake.streams.running.book import ENDED, Book, Entry
from emberlake.streams.running.identity import Identity
from emberlake.streams.running.lock import holder

How = Literal["was not running", "stopped", "ended", "killed"]
# A query has 20 s to stop and a JVM some to end; whoever needs longer does not come back.
ASK_SECONDS, TERM_SECONDS, KILL_SECONDS = 30.0, 5.0, 10.0
_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Stop:
    """How a stream ended.

    Attributes:
        how: `stopped` when it did as asked, `ended` after SIGTERM, `killed` after SIGKILL.
        orphans: streams that shared a process which had to be ended; they ended with it.
    """

    name: str
    how: How
    seconds: float
    orphans: tuple[str, ...] = ()


def stop_streams(
    settings: Settings,
    names: Sequence[str],
    progress: Progress = silent,
    ask: float = ASK_SECONDS,
    term: float = TERM_SECONDS,
) -> list[Stop]:
    """End these streams, whatever state they are in.

    Args:
        ask: seconds for a stop in good order.
        term: seconds after SIGTERM.

    Raises:
        StreamError: if a process cannot be killed at all (another user's, or the kernel's).
    """
    book = Book(settings)
    entries = {name: entry for name in names if (entry := book.entry(name))}
    stops = [Stop(name, "was not running", 0.0) for name in names if name not in entries]
    groups: dict[Identity, list[Entry]] = {}
    for entry in entries.values():
        groups.setdefault(entry.process, []).append(entry)
    for process, members in groups.items():
        progress(f"stopping {', '.join(entry.name for entry in members)}", 0.0)
        stops += _Stopping(settings, book, process, members).run(ask, term)
    return stops


class _Stopping:
    """Ending streams of one process."""

    def __init__(self, settings: Settings, book: Book, process: Identity, members: list[Entry]) -> None:
        self.settings, self.book, self.process, self.members = settings, book, process, members
        self.names = [entry.name for entry in members]
        self.begun = time.monotonic()

    def run(self, ask: float, term: float) -> list[Stop]:
        if not self._there():
            return [self._done(name, "was not running") for name in self.names]
        for name in self.names:
            self.book.change(name, asked="stop")
        others = self._others()
        if not others:
            # Wakes a process that is still starting, too.
            self._send(signal.SIGTERM)
        if self._within(ask):
            return [self._done(name, "stopped") for name in self.names]
        self._send(signal.SIGTERM)
        how: How = "ended" if self._within(term, whole=True) else "killed"
        if how == "killed":
            self._kill()
        return [self._done(name, how, tuple(others)) for name in self.names]

    def _there(self) -> bool:
        return self.process.alive() or any(entry.java and entry.java.alive() for entry in self.members) or self._held()

    def _held(self) -> bool:
        return any(holder(self.settings, name) is not None for name in self.names)

    def _others(self) -> list[str]:
        """Streams of the same process that are to go on."""
        shared = {name for entry in self.members for name in entry.shares} - set(self.names)
        now = self.book.entries()
        return sorted(n for n in shared if n in now and now[n].process == self.process and now[n].state not in ENDED)

    def _within(self, seconds: float, whole: bool = False) -> bool:
        """Whether the streams ended in that time; the process with them, unless it has others."""
        deadline = time.monotonic() + seconds
        while True:
            now = self.book.entries()
            if not whole and self._others() and all(now[name].state in ENDED for name in self.names):
                return True
            if not self.process.alive() and not any(entry.java and entry.java.alive() for entry in self.members):
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_SECONDS)

    def _send(self, number: signal.Signals) -> None:
        if self.process.alive():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self.process.pid, number)

    def _kill(self) -> None:
        # The tree first: who is killed leaves children that nobody can find any more.
        doomed = self.process.tree()
        for entry in self.members:
            # A JVM whose Python was killed belongs to nobody's tree.
            now = self.book.entry(entry.name)
            if now and now.java:
                doomed += now.java.tree() or [now.java]
        for one in doomed:
            one.kill()
        deadline = time.monotonic() + KILL_SECONDS
        while any(one.alive() for one in doomed):
            if time.monotonic() > deadline:
                left = ", ".join(str(one.pid) for one in doomed if one.alive())
                raise StreamError(f"Process {left} cannot be killed.", "It is another user's, or waits for its disk.")
            time.sleep(_LOOK_SECONDS)

    def _done(self, name: str, how: How, orphans: tuple[str, ...] = ()) -> Stop:
        for each in (name, *orphans):
            entry = self.book.entry(each)
            if entry and entry.state not in ENDED:
                self.book.change(each, state="stopped", cause="" if how == "stopped" else f"its process was {how}")
                self.book.note(each, "stopped", "" if how == "stopped" else f"its process {how}")
            self.book.change(each, asked="")
            clear_alerts(self.book, each)
        return Stop(name, how, time.monotonic() - self.begun, orphans)


def end_leftovers(settings: Settings, names: Sequence[str]) -> None:
    """Kill JVMs that a killed process left behind: they would write the same checkpoint as the next one."""
    for name, entry in Book(settings).entries().items():
        if name in names and entry.java and entry.java.alive() and not entry.process.alive():
            for one in entry.java.tree():
                one.kill()
