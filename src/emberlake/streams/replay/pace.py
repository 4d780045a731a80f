"""When each event is due: by the clock that the replay began with, so that a late event does not delay the next."""

from __future__ import annotations

import time
from collections.abc import Callable

# Waits shorter than this are not slept: the operating system would sleep longer.
_GRAIN = 0.0002


class Pace:
    """A schedule.

    Args:
        speed: seconds of event time a second; None: no schedule by event time.
        rate: events a second at most; None: no limit.
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, speed: float | None, rate: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._speed, self._rate, self._clock = speed, rate, clock
        self._start: float | None = None
        self._first, self._events = 0, 0
        self.behind = 0.0

    def wait(self, micros: int) -> float:
        """Seconds until the next event, of that time, is due; 0 when it is due or overdue."""
        now = self._clock()
        if self._start is None:
            self._start, self._first = now, micros
        due = self._start
        if self._rate:
            due += self._events / self._rate
        if self._speed:
            due = max(due, self._start + (micros - self._first) / 1e6 / self._speed)
        self._events += 1
        ahead = due - now
        if not self._rate and not self._speed:
            return 0.0
        self.behind = max(self.behind, -ahead)
        return ahead if ahead > _GRAIN else 0.0
