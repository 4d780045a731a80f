"""How the streams are, from what their processes said and from whether those are still there."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from emberlake.settings import Settings
from emberlake.streams.running.book import ENDED, Book, Entry
from emberlake.streams.running.lock import holder


@dataclass(frozen=True)
class Survey:
    """One stream, now.

    Attributes:
        state: the entry's, or `died` when its process is gone without a word, or `frozen` when it is suspended.
        seconds: how long it has been in that state.
    """

    entry: Entry
    state: str
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """For programs."""
        return {**asdict(self.entry), "state": self.state, "seconds": round(self.seconds, 1)}


def survey(settings: Settings) -> dict[str, Survey]:
    """Name to state of every stream that was ever started; nothing is written."""
    return {name: _survey(settings, entry) for name, entry in Book(settings).entries().items()}


def _survey(settings: Settings, entry: Entry) -> Survey:
    state: str = entry.state
    if state not in ENDED:
        if holder(settings, entry.name) is None and not entry.process.alive():
            state = "died"
        elif _suspended(entry):
            state = "frozen"
    return Survey(entry, state, max(time.time() - entry.since, 0.0))


def _suspended(entry: Entry) -> bool:
    import psutil

    for one in (entry.process, entry.java):
        try:
            if one and one.alive() and psutil.Process(one.pid).status() == psutil.STATUS_STOPPED:
                return True
        except psutil.Error:
            continue
    return False


def running_streams(settings: Settings) -> list[str]:
    """Streams that a process is behind, or whose JVM was left by one."""
    return [
        name
        for name, entry in Book(settings).entries().items()
        if holder(settings, name) is not None or entry.process.alive() or (entry.java and entry.java.alive())
    ]
