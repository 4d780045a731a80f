"""How long a failed query waits before it is tried again, and when it is not tried any more."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Patience:
    """How much is borne.

    Attributes:
        first: seconds before the first restart; each further one waits twice as long as the one before.
        longest: seconds that a wait never exceeds.
        healthy: a query that ran for so many seconds is well again: the next wait is the first.
        failures: so many failures ...
        within: ... in so many seconds are too many.
    """

    first: float = 1.0
    longest: float = 60.0
    healthy: float = 120.0
    failures: int = 8
    within: float = 900.0


@dataclass
class Backoff:
    """The failures of one query; times are seconds of any clock that only goes forward."""

    patience: Patience = field(default_factory=Patience)
    _failures: list[float] = field(default_factory=list)
    _in_a_row: int = 0

    def failed(self, now: float, ran: float) -> float | None:
        """Note a failure at `now` after the query ran for `ran` seconds.

        Returns:
            Seconds to wait before it is started again; None when it is to be given up.
        """
        patience = self.patience
        self._failures = [moment for moment in self._failures if now - moment < patience.within] + [now]
        if len(self._failures) >= patience.failures:
            return None
        self._in_a_row = 0 if ran >= patience.healthy else self._in_a_row
        self._in_a_row += 1
        return min(patience.first * 2 ** (self._in_a_row - 1), patience.longest)

    @property
    def recent(self) -> int:
        """Failures that still count."""
        return len(self._failures)
